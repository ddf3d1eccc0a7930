//go:build !linux

package sqlite

// allocate makes the reserve, with room on the disk for all of it.
func allocate(path string, size int64) error { return fillUp(path, size) }
