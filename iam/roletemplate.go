package iam

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"time"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/policy"
)

// RoleTemplate is from what a service has roles made in accounts. AWS's services bring their
// own; here the operator registers them.
type RoleTemplate struct {
	// ARN is "arn:aws:iam::aws:role-template/SERVICE-PRINCIPAL/NAME:MAJOR".
	ARN          string
	Description  string
	Enabled      bool
	DefaultMinor int32
}

// Service returns the service that manages the template, Name its name and Major its major
// version, all from the ARN.
func (t *RoleTemplate) Service() string { return templateForm.FindStringSubmatch(t.ARN)[1] }

// Name is the friendly name.
func (t *RoleTemplate) Name() string { return templateForm.FindStringSubmatch(t.ARN)[2] }

// Major is the number of the major version.
func (t *RoleTemplate) Major() int32 {
	n, _ := strconv.ParseInt(templateForm.FindStringSubmatch(t.ARN)[3], 10, 32)
	return int32(n)
}

// RoleTemplateVersion is a minor version of a role template. Texts may have parameters:
// "@{name}".
type RoleTemplateVersion struct {
	Minor                           int32
	Enabled                         bool
	RoleName, RolePath, Description string
	TrustPolicy                     string
	Inline                          []InlinePolicy
	ManagedARNs                     []string
	Boundary                        string
	Parameters                      []RoleParameter
	Tags                            []Tag
	MaxSessionDuration              int32
	CreatedAt, UpdatedAt            time.Time
}

// RoleParameter is what a role template accepts.
type RoleParameter struct {
	// Type is String, StringList, Number, NumberList, Arn or ArnList.
	Name, Type, SubType, Description string
	Required                         bool
	// Default is nil if there is none.
	Default   *string
	Immutable bool
}

// RoleSource says from which template a role was made.
type RoleSource struct {
	TemplateARN string
	Minor       int32
}

// RoleTemplateStore keeps role templates and which roles were made from them.
type RoleTemplateStore interface {
	// IAMPutRoleTemplate adds the template or changes its settings.
	IAMPutRoleTemplate(RoleTemplate) error
	IAMRoleTemplate(arn string) (RoleTemplate, bool, error)
	// IAMPutRoleTemplateVersion adds the version or changes it.
	IAMPutRoleTemplateVersion(templateARN string, v RoleTemplateVersion) error
	IAMRoleTemplateVersion(templateARN string, minor int32) (RoleTemplateVersion, bool, error)
	IAMSetRoleSource(roleID string, s RoleSource) error
	IAMRoleSource(roleID string) (RoleSource, bool, error)
	IAMDeleteRoleSource(roleID string) error
}

var templateForm = regexp.MustCompile(`^arn:aws:iam::aws:role-template/([a-z0-9.-]{1,128})/([\w+=,.@-]{1,128}):([1-9][0-9]{0,8})$`)

// RegisterRoleTemplate adds a role template with one of its minor versions, or changes them.
func RegisterRoleTemplate(_ context.Context, tx Tx, t RoleTemplate, v RoleTemplateVersion) error {
	if !templateForm.MatchString(t.ARN) {
		return fail(InvalidInput, "%s is not the ARN of a role template.", t.ARN)
	}
	if v.RoleName == "" || v.TrustPolicy == "" || v.Minor < 0 || t.DefaultMinor < 0 {
		return fail(InvalidInput, "A role template needs a pattern of the role's name, a trust policy, and minor versions from 0 on.")
	}
	for _, p := range v.Parameters {
		if _, ok := parameterTypes[p.Type]; !ok || p.Name == "" {
			return fail(InvalidInput, "The parameter %q has no name or an unknown type.", p.Name)
		}
	}
	now := seconds(tx.Now())
	v.CreatedAt, v.UpdatedAt = now, now
	have, ok, err := tx.IAMRoleTemplateVersion(t.ARN, v.Minor)
	if err != nil {
		return err
	}
	if ok {
		v.CreatedAt = have.CreatedAt
	}
	if err := tx.IAMPutRoleTemplate(t); err != nil {
		return err
	}
	return tx.IAMPutRoleTemplateVersion(t.ARN, v)
}

// GetRoleTemplateVersion returns a version of a role template; a nil minor means the default
// one.
func GetRoleTemplateVersion(_ context.Context, tx Tx, templateARN string, minor *int32) (RoleTemplate, RoleTemplateVersion, error) {
	if !templateForm.MatchString(templateARN) {
		return RoleTemplate{}, RoleTemplateVersion{}, fail(InvalidInput, "ARN %s is not valid.", templateARN)
	}
	t, ok, err := tx.IAMRoleTemplate(templateARN)
	if err == nil && !ok {
		err = fail(NoSuchEntity, "Role template %s was not found.", templateARN)
	}
	if err != nil {
		return t, RoleTemplateVersion{}, err
	}
	wanted := t.DefaultMinor
	if minor != nil {
		wanted = *minor
	}
	v, ok, err := tx.IAMRoleTemplateVersion(templateARN, wanted)
	if err == nil && !ok {
		err = fail(NoSuchEntity, "Version %d of role template %s was not found.", wanted, templateARN)
	}
	return t, v, err
}

// TemplatedRole is a role as a template with its parameters makes it.
type TemplatedRole struct {
	New         NewRole
	Inline      []InlinePolicy
	ManagedARNs []string
	Source      RoleSource
}

// ARN is the one that the role will have.
func (r *TemplatedRole) ARN(accountID string) string {
	return arnOf(accountID, string(KindRole), orRootPath(r.New.Path), r.New.Name)
}

// RenderRole puts values into a role template. The errors are NoSuchEntity,
// RoleTemplateDisabled and InvalidInput.
func RenderRole(ctx context.Context, tx Tx, templateARN string, minor *int32, values map[string][]string) (TemplatedRole, error) {
	t, v, err := GetRoleTemplateVersion(ctx, tx, templateARN, minor)
	if err != nil {
		return TemplatedRole{}, err
	}
	if !t.Enabled || !v.Enabled {
		return TemplatedRole{}, fail(RoleTemplateDisabled, "The role template %s is disabled.", templateARN)
	}
	p, err := v.parameters(values)
	if err != nil {
		return TemplatedRole{}, err
	}
	r := TemplatedRole{Source: RoleSource{TemplateARN: t.ARN, Minor: v.Minor}}
	r.New.MaxSessionDuration = v.MaxSessionDuration
	for _, f := range []struct {
		to   *string
		from string
	}{{&r.New.Name, v.RoleName}, {&r.New.Path, v.RolePath}, {&r.New.Description, v.Description}, {&r.New.Boundary, v.Boundary}} {
		if *f.to, err = p.one(f.from); err != nil {
			return r, err
		}
	}
	if !policyNameForm.MatchString(r.New.Name) || len(r.New.Name) > 64 {
		return r, fail(InvalidInput, "The role template makes the name %q, which is not one of a role.", r.New.Name)
	}
	if r.New.Path != "" && !rolePathForm.MatchString(r.New.Path) {
		return r, fail(InvalidInput, "The role template makes the path %q, which is not one of a role.", r.New.Path)
	}
	if r.New.TrustPolicy, err = p.render(v.TrustPolicy); err != nil {
		return r, err
	}
	for _, i := range v.Inline {
		if i.Document, err = p.render(i.Document); err != nil {
			return r, err
		}
		r.Inline = append(r.Inline, i)
	}
	for _, a := range v.ManagedARNs {
		text, err := p.one(a)
		if err != nil {
			return r, err
		}
		r.ManagedARNs = append(r.ManagedARNs, text)
	}
	for _, tag := range v.Tags {
		key, err := p.one(tag.Key)
		if err != nil {
			return r, err
		}
		value, err := p.one(tag.Value)
		if err != nil {
			return r, err
		}
		r.New.Tags = append(r.New.Tags, Tag{Key: key, Value: value})
	}
	return r, nil
}

var rolePathForm = regexp.MustCompile(`^/$|^/[\x21-\x7F]{1,510}/$`)

// parameterTypes say of each type whether it is a list, and which values it has.
var parameterTypes = map[string]struct {
	list  bool
	valid func(string) bool
}{
	"String":     {false, anyText},
	"StringList": {true, anyText},
	"Number":     {false, isNumber},
	"NumberList": {true, isNumber},
	"Arn":        {false, isARN},
	"ArnList":    {true, isARN},
}

func anyText(string) bool { return true }

func isNumber(s string) bool {
	return json.Valid([]byte(s)) && s != "" && (s[0] == '-' || s[0] >= '0' && s[0] <= '9')
}

func isARN(s string) bool {
	_, err := arn.Parse(s)
	return err == nil
}

// parameters checks the values given against the parameters of the version.
func (v *RoleTemplateVersion) parameters(given map[string][]string) (*parameters, error) {
	p := &parameters{values: map[string][]string{}, used: map[string]bool{}}
	for _, d := range v.Parameters {
		values, ok := given[d.Name]
		switch {
		case !ok && d.Default != nil:
			values = []string{*d.Default}
		case !ok && d.Required:
			return nil, fail(InvalidInput, "The role template needs a value for the parameter %s.", d.Name)
		case !ok:
			values = []string{""}
			p.values[d.Name] = values
			continue
		}
		kind := parameterTypes[d.Type]
		if len(values) == 0 || !kind.list && len(values) != 1 {
			return nil, fail(InvalidInput, "The parameter %s of type %s has a wrong number of values.", d.Name, d.Type)
		}
		for _, value := range values {
			if !kind.valid(value) {
				return nil, fail(InvalidInput, "%q is not a value for the parameter %s of type %s.", value, d.Name, d.Type)
			}
		}
		p.values[d.Name] = values
	}
	for name := range given {
		if p.values[name] == nil {
			return nil, fail(InvalidInput, "The role template has no parameter %s.", name)
		}
	}
	return p, nil
}

// one puts parameters into a text that must stay one.
func (p *parameters) one(text string) (string, error) {
	texts, err := p.expand(text)
	if err != nil {
		return "", err
	}
	if len(texts) != 1 {
		return "", fail(InvalidInput, "%q does not take a list.", text)
	}
	return texts[0], nil
}

// AcquireRole makes a role as a template says.
func AcquireRole(ctx context.Context, tx Tx, accountID string, r TemplatedRole) (Identity, error) {
	if _, taken, err := tx.IAMIdentity(accountID, KindRole, r.New.Name); err != nil || taken {
		return Identity{}, errors.Join(err, nameConflict(taken, r.New.Name))
	}
	role, err := CreateRole(ctx, tx, accountID, r.New)
	if err != nil {
		return role, err
	}
	for _, a := range r.ManagedARNs {
		if err := AttachPolicy(ctx, tx, accountID, KindRole, role.Name, a); err != nil {
			return role, err
		}
	}
	for _, i := range r.Inline {
		if err := checkDocument(policy.Identity, i.Document); err != nil {
			return role, err
		}
		if err := PutInlinePolicy(ctx, tx, accountID, KindRole, role.Name, i.Name, i.Document); err != nil {
			return role, err
		}
	}
	return role, tx.IAMSetRoleSource(role.ID, r.Source)
}

func nameConflict(taken bool, name string) error {
	if !taken {
		return nil
	}
	return fail(NameConflict, "The role template makes the name %s, which a role of the account has.", name)
}

// SourceOf returns from which template a role was made.
func SourceOf(_ context.Context, tx Tx, role *Identity) (RoleSource, bool, error) {
	return tx.IAMRoleSource(role.ID)
}
