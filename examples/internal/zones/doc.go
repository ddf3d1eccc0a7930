// Package zones reads time zones from a zoneinfo directory or a zip file that the caller names, and
// from nowhere else, and says which data stand behind the names in schedules.
package zones
