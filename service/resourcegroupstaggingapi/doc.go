// Package resourcegroupstaggingapi is the AWS Resource Groups Tagging API: resources with their
// tags across services, changes of the tags of many resources at once, and how resources stand
// to the tag policies of the organization. It gives the API to package tagging.
//
// Resources are found in their Region only, those of services without Regions in us-east-1: the
// Region is the one that the request was signed for. What AWS computes once a day, the
// compliance of an organization, is computed when it is asked for.
//
// Reports into S3 buckets (StartReportCreation, DescribeReportCreation) are not built: there is
// no bucket to write them to.
package resourcegroupstaggingapi
