// Package cloudtrail is AWS CloudTrail as far as its event history goes: LookupEvents over
// the audit log, each account its own events. The events are made and kept by package
// audit; trails and event data stores are not built yet.
package cloudtrail
