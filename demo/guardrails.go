package demo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// guardrail is a policy of a large organization and the nodes that it is attached to.
type guardrail struct {
	name    string
	kind    orgtypes.PolicyType
	content *string
	targets []string
}

// global are the actions that a fence of regions leaves alone.
var global = []string{
	"iam:*", "sts:*", "organizations:*", "account:*", "support:*", "route53:*", "cloudfront:*",
	"budgets:*", "ce:*", "health:*", "cloudtrail:LookupEvents",
}

// guardrails makes policies and attaches them at every kind of node.
func (l *largeBuilder) guardrails(ctx context.Context) error {
	rails := append(l.commonRails(), l.unitRails()...)
	ids := make([]string, len(rails))
	type attachment struct {
		rail   int
		target string
	}
	var attachments []attachment
	err := l.each(ctx, "guardrails", len(rails), func(ctx context.Context, n int) error {
		r := &rails[n]
		out, err := l.org.CreatePolicy(ctx, &organizations.CreatePolicyInput{
			Name: &r.name, Description: aws.String("Guardrail of the sample."), Type: r.kind, Content: r.content,
		})
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		ids[n] = aws.ToString(out.Policy.PolicySummary.Id)
		return nil
	})
	if err != nil {
		return err
	}
	for i, r := range rails {
		if r.kind == orgtypes.PolicyTypeServiceControlPolicy {
			l.large.Guardrails = append(l.large.Guardrails, ids[i])
		}
		for _, target := range r.targets {
			attachments = append(attachments, attachment{i, target})
		}
	}
	return l.each(ctx, "guardrails attached", len(attachments), func(ctx context.Context, n int) error {
		a := attachments[n]
		_, err := l.org.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &ids[a.rail], TargetId: &a.target})
		return err
	})
}

func (l *largeBuilder) ids(units ...int) []string {
	out := make([]string, len(units))
	for i, u := range units {
		out[i] = l.large.Units[u].ID
	}
	return out
}

// commonRails hold for everybody, or for all of one kind.
func (l *largeBuilder) commonRails() []guardrail {
	scp := func(name string, targets []string, statements ...statement) guardrail {
		return guardrail{name, orgtypes.PolicyTypeServiceControlPolicy, document(statements...), targets}
	}
	var guarded []string
	for i, a := range l.plan.accounts {
		if a.guarded {
			guarded = append(guarded, l.large.Accounts[i].ID)
		}
	}
	everywhere := []string{l.large.RootID}
	return []guardrail{
		scp("DenyLeaving", everywhere,
			statement{Sid: "DenyLeaving", Effect: "Deny", Action: "organizations:LeaveOrganization", Resource: "*"}),
		scp("ProtectAudit", everywhere,
			statement{Sid: "ProtectAudit", Effect: "Deny", Action: []string{"cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "config:DeleteConfigurationRecorder"}, Resource: "*"}),
		scp("DenyRootUser", l.ids(l.plan.workloads, l.plan.sandbox),
			statement{Sid: "DenyRootUser", Effect: "Deny", Action: []string{"ec2:*", "s3:*", "rds:*"}, Resource: "*", Condition: map[string]map[string]string{
				"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"},
			}}),
		scp("NoUsersInProduction", l.ids(l.plan.production...),
			statement{Sid: "NoUsers", Effect: "Deny", Action: []string{"iam:CreateUser", "iam:CreateAccessKey"}, Resource: "*"}),
		scp("NoLargeMachines", guarded,
			statement{Sid: "NoLargeMachines", Effect: "Deny", Action: "ec2:RunInstances", Resource: "arn:aws:ec2:*:*:instance/*", Condition: map[string]map[string]string{
				"StringLike": {"ec2:InstanceType": "*.24xlarge"},
			}}),
		scp("NothingButLooking", l.ids(l.plan.suspended),
			statement{Sid: "NothingButLooking", Effect: "Deny", NotAction: []string{"iam:Get*", "iam:List*", "cloudtrail:LookupEvents"}, Resource: "*"}),
		{
			name: "OurPeopleOnly", kind: orgtypes.PolicyTypeResourceControlPolicy, targets: everywhere,
			content: document(statement{
				Sid: "OurPeopleOnly", Effect: "Deny", Principal: "*", Action: []string{"s3:*", "sts:AssumeRole", "kms:*"}, Resource: "*",
				Condition: map[string]map[string]string{
					"StringNotEqualsIfExists": {"aws:PrincipalOrgID": l.large.OrganizationID},
					"BoolIfExists":            {"aws:PrincipalIsAWSService": "false"},
				},
			}),
		},
	}
}

// unitRails are those of single divisions and of every third product.
func (l *largeBuilder) unitRails() []guardrail {
	var rails []guardrail
	regions := [][]string{{"eu-central-1", "eu-west-1"}, {"us-east-1", "us-west-2"}, {"ap-southeast-2", "ap-northeast-1"}}
	for i, unit := range l.plan.divisions {
		rails = append(rails, guardrail{
			fmt.Sprintf("RegionsOfDivision%02d", i+1), orgtypes.PolicyTypeServiceControlPolicy,
			document(statement{Sid: "Regions", Effect: "Deny", NotAction: global, Resource: "*", Condition: map[string]map[string][]string{
				"StringNotEquals": {"aws:RequestedRegion": regions[i%len(regions)]},
			}}), l.ids(unit),
		})
	}
	services := []string{"sagemaker:*", "redshift:*", "workspaces:*", "gamelift:*", "iotfleetwise:*"}
	for i, unit := range l.plan.products {
		if i%3 > 0 {
			continue
		}
		rails = append(rails, guardrail{
			fmt.Sprintf("ServicesOfProduct%03d", i+1), orgtypes.PolicyTypeServiceControlPolicy,
			document(statement{Sid: "Services", Effect: "Deny", Action: []string{services[i%len(services)], services[(i+2)%len(services)]}, Resource: "*"}), l.ids(unit),
		})
	}
	return rails
}
