"""The numbers a campaign is held to. Source: reference sections 5.2, 6 and 8; DESIGN section 8 for the start date."""

NAME_CHARACTERS = (8, 255)
TIMEZONE_CHARACTERS = (1, 100)
SENDING_DAYS = (1, 7)
START_HOURS = (0, 23)
END_HOURS = (1, 24)
MINUTES = (0, 59)
DAILY_LIMIT_PER_INBOX = (1, 100)
RAMP_UP_INCREMENT = (1, 100)
RAMP_UP_MAX_LIMIT = (1, 1000)
START_DATE_YEARS_AHEAD = 2

POSTAL_ADDRESS_CHARACTERS = (1, 500)

VARIANTS = 4
VARIANT_LABEL_CHARACTERS = (1, 100)
VARIANT_NAME_CHARACTERS = (1, 100)
SUBJECT_CHARACTERS = (1, 500)
CONTENT_CHARACTERS = (10, 100_000)
#: How many errors of a template a refusal tells.
TOLD_PROBLEMS = 3
SHARE_PERCENT = (0, 100)
SHARES_PERCENT = 100

SEQUENCES = 3
#: The first mail is step 1, so follow-ups are steps 2 to 4.
STEP_NUMBERS = (2, SEQUENCES + 1)
WAIT_DAYS = (1, 30)
#: All waits of a campaign together.
TOTAL_WAIT_DAYS = 45
