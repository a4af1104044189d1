package resource

import (
	"slices"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

// Kind is a type of resource whose service is known well enough to have its rules.
type Kind struct {
	// Type is the type's name in AWS CloudFormation, which CloudTrail uses too.
	Type string
	// PolicyRequired says that nobody has access without the resource's own policy.
	PolicyRequired bool

	service string
	// form reports whether an ARN's resource part names a resource of this kind.
	form func(a *arn.ARN) bool
	// resourceless says that statements may leave out the resource.
	resourceless bool
	// bornWithPolicy says that who may create a resource may give it a policy then.
	bornWithPolicy bool
	limits         []datedLimits

	create, put, drop, tag, untag, remove, read []string
}

// Limits bounds the policy of a resource; 0 means no limit.
type Limits struct {
	Bytes, Statements, Principals, Conditions, ActionsPerStatement int
}

type datedLimits struct {
	since  time.Time
	limits Limits
}

// defaultBytes is the limit of kinds that are not in the table.
const defaultBytes = 20_480

// kinds are the types of resources with rules of their own. Sources of the limits: Amazon S3
// user guide, "Bucket policies" (20 KB); KMS API Reference, "PutKeyPolicy" (32 KB); Amazon SQS
// developer guide, "Amazon SQS policy quotas"; Amazon SNS developer guide, "Amazon SNS API
// permissions" (30 KB, 100 statements, 200 principals); AWS Lambda developer guide, "Lambda
// quotas" (20 KB); Secrets Manager API Reference, "PutResourcePolicy" (20,480 characters);
// DynamoDB developer guide, "Resource-based policy considerations" (20 KB); ECR API Reference,
// "SetRepositoryPolicy" (10,240 characters); EventBridge API Reference, "PutPermission"
// (10 KB); EFS API Reference, "PutFileSystemPolicy" (20,000 characters). The actions are those
// of the Service Authorization Reference.
var kinds = []Kind{
	{
		Type: "AWS::S3::Bucket", service: "s3", form: bucketForm, limits: always(Limits{Bytes: 20_480}),
		create: []string{"s3:CreateBucket"}, put: []string{"s3:PutBucketPolicy"}, drop: []string{"s3:DeleteBucketPolicy"},
		tag: []string{"s3:PutBucketTagging"}, untag: []string{"s3:PutBucketTagging"},
		remove: []string{"s3:DeleteBucket"}, read: []string{"s3:GetBucketPolicy"},
	},
	{
		Type: "AWS::KMS::Key", PolicyRequired: true, bornWithPolicy: true, service: "kms", form: typed("key/"), limits: always(Limits{Bytes: 32_768}),
		create: []string{"kms:CreateKey"}, put: []string{"kms:PutKeyPolicy"}, drop: []string{"kms:PutKeyPolicy"},
		tag: []string{"kms:TagResource"}, untag: []string{"kms:UntagResource"},
		remove: []string{"kms:ScheduleKeyDeletion"}, read: []string{"kms:GetKeyPolicy"},
	},
	{
		Type: "AWS::SQS::Queue", bornWithPolicy: true, service: "sqs", form: plain,
		limits: always(Limits{Bytes: 8_192, Statements: 20, Principals: 50, Conditions: 10, ActionsPerStatement: 7}),
		create: []string{"sqs:CreateQueue"}, put: []string{"sqs:SetQueueAttributes"}, drop: []string{"sqs:SetQueueAttributes"},
		tag: []string{"sqs:TagQueue"}, untag: []string{"sqs:UntagQueue"},
		remove: []string{"sqs:DeleteQueue"}, read: []string{"sqs:GetQueueAttributes"},
	},
	{
		Type: "AWS::SNS::Topic", bornWithPolicy: true, service: "sns", form: plain, limits: always(Limits{Bytes: 30_720, Statements: 100, Principals: 200}),
		create: []string{"sns:CreateTopic"}, put: []string{"sns:SetTopicAttributes"}, drop: []string{"sns:SetTopicAttributes"},
		tag: []string{"sns:TagResource"}, untag: []string{"sns:UntagResource"},
		remove: []string{"sns:DeleteTopic"}, read: []string{"sns:GetTopicAttributes"},
	},
	{
		Type: "AWS::Lambda::Function", service: "lambda", form: typed("function:"), limits: always(Limits{Bytes: 20_480}),
		create: []string{"lambda:CreateFunction"}, put: []string{"lambda:AddPermission", "lambda:RemovePermission"}, drop: []string{"lambda:RemovePermission"},
		tag: []string{"lambda:TagResource"}, untag: []string{"lambda:UntagResource"},
		remove: []string{"lambda:DeleteFunction"}, read: []string{"lambda:GetPolicy"},
	},
	{
		Type: "AWS::SecretsManager::Secret", service: "secretsmanager", form: typed("secret:"), limits: always(Limits{Bytes: 20_480}),
		create: []string{"secretsmanager:CreateSecret"}, put: []string{"secretsmanager:PutResourcePolicy"}, drop: []string{"secretsmanager:DeleteResourcePolicy"},
		tag: []string{"secretsmanager:TagResource"}, untag: []string{"secretsmanager:UntagResource"},
		remove: []string{"secretsmanager:DeleteSecret"}, read: []string{"secretsmanager:GetResourcePolicy"},
	},
	{
		Type: "AWS::DynamoDB::Table", service: "dynamodb", form: typed("table/"), limits: always(Limits{Bytes: 20_480}),
		create: []string{"dynamodb:CreateTable"}, put: []string{"dynamodb:PutResourcePolicy"}, drop: []string{"dynamodb:DeleteResourcePolicy"},
		tag: []string{"dynamodb:TagResource"}, untag: []string{"dynamodb:UntagResource"},
		remove: []string{"dynamodb:DeleteTable"}, read: []string{"dynamodb:GetResourcePolicy"},
	},
	{
		Type: "AWS::ECR::Repository", service: "ecr", form: prefixed("repository/"), resourceless: true, limits: always(Limits{Bytes: 10_240}),
		create: []string{"ecr:CreateRepository"}, put: []string{"ecr:SetRepositoryPolicy"}, drop: []string{"ecr:DeleteRepositoryPolicy"},
		tag: []string{"ecr:TagResource"}, untag: []string{"ecr:UntagResource"},
		remove: []string{"ecr:DeleteRepository"}, read: []string{"ecr:GetRepositoryPolicy"},
	},
	{
		Type: "AWS::Events::EventBus", service: "events", form: prefixed("event-bus/"), limits: always(Limits{Bytes: 10_240}),
		create: []string{"events:CreateEventBus"}, put: []string{"events:PutPermission", "events:RemovePermission"}, drop: []string{"events:RemovePermission"},
		tag: []string{"events:TagResource"}, untag: []string{"events:UntagResource"},
		remove: []string{"events:DeleteEventBus"}, read: []string{"events:DescribeEventBus"},
	},
	{
		Type: "AWS::EFS::FileSystem", service: "elasticfilesystem", form: typed("file-system/"), resourceless: true, limits: always(Limits{Bytes: 20_000}),
		create: []string{"elasticfilesystem:CreateFileSystem"}, put: []string{"elasticfilesystem:PutFileSystemPolicy"}, drop: []string{"elasticfilesystem:DeleteFileSystemPolicy"},
		tag: []string{"elasticfilesystem:TagResource"}, untag: []string{"elasticfilesystem:UntagResource"},
		remove: []string{"elasticfilesystem:DeleteFileSystem"}, read: []string{"elasticfilesystem:DescribeFileSystemPolicy"},
	},
}

func always(l Limits) []datedLimits { return []datedLimits{{limits: l}} }

// limitsAt returns the limits in force at a time.
func (k *Kind) limitsAt(at time.Time) Limits {
	if k != nil {
		for _, row := range slices.Backward(k.limits) {
			if !at.Before(row.since) {
				return row.limits
			}
		}
	}
	return Limits{Bytes: defaultBytes}
}

// kept are the services whose resources Bailiwick keeps itself, policies included.
var kept = []string{"iam", "sts", "organizations", "account"}

// plain is a name without any parts.
func plain(a *arn.ARN) bool { return regional(a) && !strings.ContainsAny(a.Resource, "/:") }

// typed is a type and a name without further parts; a colon may follow (a function's
// version).
func typed(prefix string) func(a *arn.ARN) bool {
	return func(a *arn.ARN) bool {
		name, ok := strings.CutPrefix(a.Resource, prefix)
		return ok && regional(a) && name != "" && (prefix == "secret:" || !strings.Contains(name, "/"))
	}
}

// prefixed is a type and a name that may have slashes.
func prefixed(prefix string) func(a *arn.ARN) bool {
	return func(a *arn.ARN) bool {
		name, ok := strings.CutPrefix(a.Resource, prefix)
		return ok && regional(a) && name != ""
	}
}

func regional(a *arn.ARN) bool { return a.Region != "" && arn.IsAccountID(a.AccountID) }

// bucketForm is a bucket's name; see the Amazon S3 user guide, "General purpose bucket naming
// rules".
func bucketForm(a *arn.ARN) bool {
	const shortest, longest = 3, 63
	n := a.Resource
	if a.Region != "" || a.AccountID != "" || len(n) < shortest || len(n) > longest || strings.Contains(n, "..") {
		return false
	}
	for i := range len(n) {
		c := n[i]
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !letter && (c != '-' && c != '.' || i == 0 || i == len(n)-1) {
			return false
		}
	}
	return true
}

// KindOf returns the kind of the resource with an ARN, or nil if it has no rules of its own.
func KindOf(a *arn.ARN) *Kind {
	for i := range kinds {
		if kinds[i].service == a.Service && kinds[i].form(a) {
			return &kinds[i]
		}
	}
	return nil
}

// RequiresPolicy reports whether nobody can do anything with the resource unless its own
// policy says so: a KMS key (KMS developer guide, "Key policies in AWS KMS").
func RequiresPolicy(resourceARN string) bool {
	a, err := arn.Parse(resourceARN)
	if err != nil {
		return false
	}
	k := KindOf(&a)
	return k != nil && k.PolicyRequired
}

// typeOf names the type of a resource: CloudFormation's name for it, or that of the Service
// Authorization Reference.
func typeOf(a *arn.ARN, text string) string {
	if k := KindOf(a); k != nil {
		return k.Type
	}
	if s, ok := serviceauth.Lookup(a.Service); ok {
		if t, ok := s.Match(text); ok {
			return a.Service + ":" + t.Name
		}
	}
	return a.Service
}

// holder returns the ARN of the resource whose policy speaks for a part of it: the bucket of
// an object, the table of an index.
func holder(text string) (string, bool) {
	a, err := arn.Parse(text)
	if err != nil {
		return "", false
	}
	switch a.Service {
	case "s3":
		if a.AccountID == "" && a.Region == "" {
			bucket, _, part := strings.Cut(a.Resource, "/")
			a.Resource = bucket
			return a.String(), part
		}
	case "dynamodb":
		if table, _, part := strings.Cut(a.Resource, "/index/"); part {
			a.Resource = table
			return a.String(), true
		}
	}
	return "", false
}
