"""The ColdSend public API over HTTP: keys with scopes, rate limits, requests that become commands of the kernel."""
