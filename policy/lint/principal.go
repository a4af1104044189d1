package lint

import (
	"regexp"
	"strings"

	"github.com/bailiwick/bailiwick/policy"
)

// servicePrincipalForm is the form of service principals: name, perhaps with a Region, and
// the domain of a partition (IAM user guide, topic "JSON policy elements: Principal").
var servicePrincipalForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.(amazonaws\.com|amazonaws\.com\.cn|aws\.internal|aws\.com|amazon\.com)$`)

func (l *linter) principals(element string, list []policy.PrincipalValue) {
	for _, p := range list {
		switch {
		case strings.Contains(p.Text, "${"):
			l.report(policy.SeverityError, VariableElement, element, p.Pos, "policy variables are not known in %s", element)
		case p.Class == "AWS" && strings.HasPrefix(p.Text, "AROA"):
			l.report(policy.SeverityWarning, InvalidRoleReference, element, p.Pos,
				"%s is the unique id of a role, perhaps of one that was deleted; name the role's ARN", p.Text)
		case p.Class == "AWS" && strings.HasPrefix(p.Text, "AIDA"):
			l.report(policy.SeverityWarning, InvalidUserReference, element, p.Pos,
				"%s is the unique id of a user, perhaps of one who was deleted; name the user's ARN", p.Text)
		case p.Class == "Service" && !servicePrincipalForm.MatchString(p.Text):
			l.report(policy.SeverityError, InvalidServicePrincipal, element, p.Pos, "%q is not the name of a service principal", p.Text)
		}
	}
}
