package main

// target is one package to generate.
type target struct {
	// pkg is the package name under api/ and the overlay's file name.
	pkg string
	// base is the folder under models/apis of the base module.
	base string
	// client is the npm package of the current model; empty if there is none.
	client string
}

// targets are the services that we serve.
var targets = []target{
	{pkg: "account", base: "account", client: "@aws-sdk/client-account"},
	{pkg: "cloudtrail", base: "cloudtrail", client: "@aws-sdk/client-cloudtrail"},
	{pkg: "iam", base: "iam", client: "@aws-sdk/client-iam"},
	{pkg: "organizations", base: "organizations", client: "@aws-sdk/client-organizations"},
	{pkg: "resourcegroupstaggingapi", base: "resourcegroupstaggingapi", client: "@aws-sdk/client-resource-groups-tagging-api"},
	{pkg: "sts", base: "sts", client: "@aws-sdk/client-sts"},
}
