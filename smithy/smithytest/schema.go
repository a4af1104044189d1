package smithytest

import "github.com/bailiwick/bailiwick/smithy"

// Schemas of scalars without constraints.
var (
	String    = &smithy.Schema{Name: "String", Kind: smithy.KindString}
	Secret    = &smithy.Schema{Name: "Secret", Kind: smithy.KindString, Sensitive: true}
	Boolean   = &smithy.Schema{Name: "Boolean", Kind: smithy.KindBoolean}
	Integer   = &smithy.Schema{Name: "Integer", Kind: smithy.KindInteger}
	Long      = &smithy.Schema{Name: "Long", Kind: smithy.KindLong}
	Double    = &smithy.Schema{Name: "Double", Kind: smithy.KindDouble}
	Blob      = &smithy.Schema{Name: "Blob", Kind: smithy.KindBlob}
	Timestamp = &smithy.Schema{Name: "Timestamp", Kind: smithy.KindTimestamp}
)

// List returns the schema of a list.
func List(name string, element *smithy.Schema) *smithy.Schema {
	return &smithy.Schema{
		Name: name, Kind: smithy.KindList,
		Element: &smithy.Member{Name: "member", WireName: "member", Target: element},
	}
}

// Map returns the schema of a map.
func Map(name string, value *smithy.Schema) *smithy.Schema {
	return &smithy.Schema{
		Name: name, Kind: smithy.KindMap,
		Key:     &smithy.Member{Name: "key", WireName: "key", Target: String},
		Element: &smithy.Member{Name: "value", WireName: "value", Target: value},
	}
}

// Structure returns the schema of a structure. Members get their Index, and their Name as
// WireName if they have none.
func Structure(name string, members ...smithy.Member) *smithy.Schema {
	for i := range members {
		members[i].Index = i
		if members[i].WireName == "" {
			members[i].WireName = members[i].Name
		}
	}
	return &smithy.Schema{Name: name, Kind: smithy.KindStructure, Members: members}
}

// Tag is a structure like those of AWS's tags, with a required key.
var Tag = Structure("Tag",
	smithy.Member{Name: "Key", Target: String, Required: true},
	smithy.Member{Name: "Value", Target: String},
)

// Everything is a structure with a member of every kind.
var Everything = Structure("Everything",
	smithy.Member{Name: "Text", Target: String},
	smithy.Member{Name: "Flag", Target: Boolean},
	smithy.Member{Name: "Small", Target: Integer},
	smithy.Member{Name: "Large", Target: Long},
	smithy.Member{Name: "Ratio", Target: Double},
	smithy.Member{Name: "Data", Target: Blob},
	smithy.Member{Name: "When", Target: Timestamp},
	smithy.Member{Name: "Tag", Target: Tag},
	smithy.Member{Name: "Tags", Target: List("TagList", Tag)},
	smithy.Member{Name: "Names", Target: List("NameList", String)},
	smithy.Member{Name: "Grid", Target: List("Grid", List("Row", Integer))},
	smithy.Member{Name: "Labels", Target: Map("Labels", String)},
	smithy.Member{Name: "TagsByName", Target: Map("TagsByName", Tag)},
	smithy.Member{Name: "Renamed", WireName: "renamed-here", Target: String},
	smithy.Member{Name: "Password", Target: Secret},
)
