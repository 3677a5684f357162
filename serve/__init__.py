"""The edge: command line, and later HTTP and console. It parses, authorises, calls and presents; it decides nothing."""
