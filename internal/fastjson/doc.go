// Package fastjson writes and reads the JSON of plain structs several times as fast as
// package encoding/json does, by a plan of each type that is made once.
//
// What [Append] writes is byte for byte what [encoding/json.Marshal] writes, with three
// exceptions that no stored type needs: methods with a pointer receiver are called for values
// too, an IsZero that says true leaves a pointer out under omitzero, and what a MarshalJSON
// returns is written as it is. What [Decode]
// reads, package encoding/json reads to the same value, except that names of members count
// with their case. A type for which there is no plan, such as a map, is left to package
// encoding/json, and so is each type with JSON methods of its own: both are called
// directly, and what they write is not looked at again.
//
// The package is for what the module itself has stored and for fast paths with a slow one
// beside: its errors say that a text cannot be read, and not where.
package fastjson
