"""The program: session, controllers, jobs, wiring, command line."""
