package iam

import (
	"context"
	"errors"
	"fmt"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// keyRoleTemplate is the condition key of actions that AcquireRole stands for.
const keyRoleTemplate = "iam:RoleTemplateARN"

// GetRoleTemplateVersion returns a version of a role template.
func (s *Service) GetRoleTemplateVersion(ctx context.Context, in *iamapi.GetRoleTemplateVersionInput) (*iamapi.GetRoleTemplateVersionOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetRoleTemplateVersionOutput, error) {
		t, v, err := iam.GetRoleTemplateVersion(ctx, tx, smithy.Value(in.TemplateArn), in.MinorVersion)
		if err != nil {
			return nil, err
		}
		return &iamapi.GetRoleTemplateVersionOutput{RoleTemplateVersion: roleTemplate(&t, &v)}, nil
	})
}

func roleTemplate(t *iam.RoleTemplate, v *iam.RoleTemplateVersion) *iamapi.RoleTemplateVersion {
	out := &iamapi.RoleTemplateVersion{
		TemplateArn: &t.ARN, TemplateName: smithy.Ptr(t.Name()), Description: smithy.PtrTo(t.Description),
		TemplateVersionId: smithy.Ptr(fmt.Sprintf("v%d.%d", t.Major(), v.Minor)),
		MajorVersion:      smithy.Ptr(t.Major()), DefaultMinorVersion: &t.DefaultMinor, MinorVersion: &v.Minor,
		ManagedByType: smithy.Ptr(iamapi.ManagedByTypeTypeService), ManagedByValue: smithy.Ptr(t.Service()),
		Enabled: &t.Enabled, VersionEnabled: &v.Enabled,
		RoleNamePattern: &v.RoleName, RolePathPattern: smithy.PtrTo(v.RolePath), RoleDescriptionPattern: smithy.PtrTo(v.Description),
		AssumeRolePolicyDocumentTemplate: &v.TrustPolicy, ManagedPolicyArns: v.ManagedARNs, PermissionBoundaryArn: smithy.PtrTo(v.Boundary),
		MaxSessionDuration: smithy.PtrTo(v.MaxSessionDuration), CreateTimestamp: date(v.CreatedAt), UpdateTimestamp: date(v.UpdatedAt),
	}
	for i := range v.Inline {
		out.InlinePolicyTemplates = append(out.InlinePolicyTemplates, iamapi.InlinePolicy{PolicyName: &v.Inline[i].Name, PolicyDocument: &v.Inline[i].Document})
	}
	for i := range v.Parameters {
		p := &v.Parameters[i]
		out.ParametersDefinition = append(out.ParametersDefinition, iamapi.ParameterDefinition{
			Name: &p.Name, Type: &p.Type, SubType: smithy.PtrTo(p.SubType), Description: smithy.PtrTo(p.Description),
			IsRequired: &p.Required, DefaultValue: p.Default, Immutable: &p.Immutable,
		})
	}
	for i := range v.Tags {
		out.RoleTagsTemplate = append(out.RoleTagsTemplate, iamapi.TagTemplate{Key: &v.Tags[i].Key, Value: &v.Tags[i].Value})
	}
	return out
}

// renderRole is the role that a call of AcquireRole asks for.
func renderRole(ctx context.Context, tx *store.Tx, in *iamapi.AcquireRoleInput) (iam.TemplatedRole, error) {
	values := make(map[string][]string, len(in.ReplacementValues))
	for name, v := range in.ReplacementValues {
		values[name] = v.Values
	}
	return iam.RenderRole(ctx, tx, smithy.Value(in.TemplateArn), in.TemplateMinorVersion, values)
}

// AcquireRole makes a role from a role template.
func (s *Service) AcquireRole(ctx context.Context, in *iamapi.AcquireRoleInput) (*iamapi.AcquireRoleOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.AcquireRoleOutput, error) {
		wanted, err := renderRole(ctx, tx, in)
		if err != nil {
			return nil, err
		}
		r, err := iam.AcquireRole(ctx, tx, account(ctx), wanted)
		if err != nil {
			return nil, err
		}
		touchIdentity(ctx, &r)
		out, err := describeRole(ctx, tx, &r)
		if err != nil {
			return nil, err
		}
		out.RoleLastUsed = nil
		return &iamapi.AcquireRoleOutput{Role: out}, addSource(ctx, tx, &r, out)
	})
}

// addSource says of a role from which template it was made.
func addSource(ctx context.Context, tx *store.Tx, r *iam.Identity, out *iamapi.Role) error {
	from, ok, err := iam.SourceOf(ctx, tx, r)
	if err == nil && ok {
		out.SourceRoleTemplate = &iamapi.SourceRoleTemplate{TemplateArn: &from.TemplateARN, TemplateMinorVersion: &from.Minor}
	}
	return err
}

func (s *Service) roleTemplateRows() []authz.Row {
	return []authz.Row{
		(&target[iamapi.GetRoleTemplateVersionInput]{
			operation: "GetRoleTemplateVersion",
			find: func(_ context.Context, _ *credential.Caller, in *iamapi.GetRoleTemplateVersionInput) (resource, error) {
				return resource{arn: smithy.Value(in.TemplateArn), keys: policy.Keys{}}, nil
			},
		}).row(),
		{
			Operation: "AcquireRole",
			Actions: []string{
				"iam:CreateRole", "iam:TagRole", "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary",
			},
			Checks: authz.For(s.acquireChecks),
		},
	}
}

// acquireChecks ask for the actions that make the role bit by bit: there is no action of the
// operation's own, and these are the ones with its condition key in the Service Authorization
// Reference. A role that cannot be made, since the template is not there or the values do not
// fit, is asked for as any.
func (s *Service) acquireChecks(ctx context.Context, c *authz.Call, in *iamapi.AcquireRoleInput) ([]authz.Check, error) {
	var wanted iam.TemplatedRole
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		wanted, err = renderRole(ctx, tx, in)
		return err
	})
	var rule *iam.Error
	if errors.As(err, &rule) {
		wanted, err = iam.TemplatedRole{New: iam.NewRole{Name: "*"}}, nil
	}
	if err != nil {
		return nil, err
	}
	check := func(action string) authz.Check {
		keys := policy.Keys{}
		keys.Set(keyRoleTemplate, smithy.Value(in.TemplateArn))
		setBoundary(keys, wanted.New.Boundary)
		return authz.Check{Action: "iam:" + action, Resource: wanted.ARN(c.Caller.AccountID), Keys: keys}
	}
	tags := apiTags(wanted.New.Tags)
	checks := []authz.Check{check("CreateRole")}
	setRequestTags(checks[0].Keys, tags)
	if len(tags) > 0 {
		tag := check("TagRole")
		setRequestTags(tag.Keys, tags)
		checks = append(checks, tag)
	}
	for _, policyARN := range wanted.ManagedARNs {
		attach := check("AttachRolePolicy")
		attach.Keys.Set(keyPolicyARN, policyARN)
		checks = append(checks, attach)
	}
	if len(wanted.Inline) > 0 {
		checks = append(checks, check("PutRolePolicy"))
	}
	if wanted.New.Boundary != "" {
		checks = append(checks, check("PutRolePermissionsBoundary"))
	}
	return checks, nil
}
