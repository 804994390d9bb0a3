"""The demo and the programs that build it from real scans."""
