package main

func Example() {
	main()
	// Output: 2026-04-07 08:30:00 +0000 UTC
}
