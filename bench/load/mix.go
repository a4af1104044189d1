package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bailiwick/bailiwick/demo"
)

// task is something that a client does: one request, or several that belong together and
// leave nothing behind.
type task func(c *client)

// weighted is a task with its share in a mix.
type weighted struct {
	weight int
	do     task
}

// mix draws tasks.
type mix struct {
	tasks []weighted
	sum   int
}

func newMix(tasks ...weighted) *mix {
	m := &mix{tasks: tasks}
	for _, t := range tasks {
		m.sum += t.weight
	}
	return m
}

func (m *mix) draw(random *rand.Rand) task {
	n := random.IntN(m.sum)
	for _, t := range m.tasks {
		if n -= t.weight; n < 0 {
			return t.do
		}
	}
	return m.tasks[0].do // not reached: the weights add up to sum
}

// mix is the mix that was asked for. Writes are cycles of four requests on average, so their
// weight is that of a whole cycle.
func (c *config) mix() *mix {
	return newMix(
		weighted{c.reads * 30, (*client).identity},
		weighted{c.reads * 15, (*client).organization},
		weighted{c.reads * 15, (*client).accountsPage},
		weighted{c.reads * 10, (*client).accountsOfUnit},
		weighted{c.reads * 10, (*client).account},
		weighted{c.reads * 20, (*client).role},
		weighted{c.assumes * 100, (*client).assume},
		weighted{c.writes * 40, (*client).unitCycle},
		weighted{c.writes * 30, (*client).tagCycle},
		weighted{c.writes * 30, (*client).keyCycle},
	)
}

// client is one of those that ask at the same time.
type client struct {
	*world
	random *rand.Rand
	pace   *pace
	number int
	count  int
	result result

	// session is the last one that was assumed, in the account of that id.
	session        aws.Credentials
	sessionAccount string
	// page is where the client is in the list of accounts.
	page string
}

func person(p demo.Person) aws.Credentials {
	return aws.Credentials{AccessKeyID: p.AccessKeyID, SecretAccessKey: p.Secret}
}

func (c *client) admin() aws.Credentials { return person(c.large.Admin) }

func (c *client) machine() demo.Person { return c.large.Machines[c.random.IntN(len(c.large.Machines))] }

func (c *client) member() demo.Member { return c.large.Accounts[c.random.IntN(len(c.large.Accounts))] }

// name is a name that no other client uses.
func (c *client) name() string {
	c.count++
	return fmt.Sprintf("load-%d-%d-%d", c.run, c.number, c.count)
}

// identity asks who it is, as a machine or with the session of a role.
func (c *client) identity() {
	who := person(c.machine())
	if c.sessionAccount != "" && c.random.IntN(2) == 0 {
		who = c.session
	}
	c.do(query("sts", "GetCallerIdentity", who))
}

// organization asks about the organization from a member account.
func (c *client) organization() { c.ask("DescribeOrganization", person(c.machine()), nil) }

// accountsPage reads the next page of the list of accounts.
func (c *client) accountsPage() {
	input := map[string]any{}
	if c.page != "" {
		input["NextToken"] = c.page
	}
	c.page = ""
	var answer struct{ NextToken string }
	if c.decode(c.ask("ListAccounts", c.admin(), input), &answer) {
		c.page = answer.NextToken
	}
}

func (c *client) accountsOfUnit() {
	unit := c.large.Units[c.random.IntN(len(c.large.Units))]
	c.ask("ListAccountsForParent", c.admin(), map[string]any{"ParentId": unit.ID})
}

func (c *client) account() {
	c.ask("DescribeAccount", c.admin(), map[string]any{"AccountId": c.member().ID})
}

func (c *client) role() {
	c.do(query("iam", "GetRole", person(c.machine()), "RoleName", demo.MachineRole))
}

func adminRole(accountID string) string {
	return "arn:aws:iam::" + accountID + ":role/" + demo.AdminRole
}

// assume becomes administrator of any account.
func (c *client) assume() { c.assumeIn(c.member().ID) }

func (c *client) assumeIn(accountID string) bool {
	body := c.do(query("sts", "AssumeRole", c.admin(), "RoleArn", adminRole(accountID), "RoleSessionName", "load"))
	if body == nil {
		return false
	}
	var answer struct {
		Result struct {
			Credentials struct{ AccessKeyId, SecretAccessKey, SessionToken string }
		} `xml:"AssumeRoleResult"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil {
		c.result.note("AssumeRole", "unreadable answer")
		return false
	}
	got := answer.Result.Credentials
	c.session = aws.Credentials{AccessKeyID: got.AccessKeyId, SecretAccessKey: got.SecretAccessKey, SessionToken: got.SessionToken}
	c.sessionAccount = accountID
	return true
}

// unitCycle makes an OU, renames and tags it, and deletes it.
func (c *client) unitCycle() {
	parent := c.large.Units[c.random.IntN(len(c.large.Units))]
	if parent.Depth >= deepest {
		parent.ID = c.large.RootID
	}
	name := c.name()
	var answer struct{ OrganizationalUnit struct{ Id string } }
	if !c.decode(c.ask("CreateOrganizationalUnit", c.admin(), map[string]any{"ParentId": parent.ID, "Name": name}), &answer) {
		return
	}
	id := answer.OrganizationalUnit.Id
	c.ask("UpdateOrganizationalUnit", c.admin(), map[string]any{"OrganizationalUnitId": id, "Name": name + "-renamed"})
	c.ask("TagResource", c.admin(), map[string]any{"ResourceId": id, "Tags": []map[string]string{{"Key": "load", "Value": strconv.Itoa(c.count)}}})
	c.ask("DeleteOrganizationalUnit", c.admin(), map[string]any{"OrganizationalUnitId": id})
}

// deepest is how deep OUs nest.
const deepest = 5

// tagCycle tags an account and takes the tag away.
func (c *client) tagCycle() {
	id, key := c.member().ID, c.name()
	c.ask("TagResource", c.admin(), map[string]any{"ResourceId": id, "Tags": []map[string]string{{"Key": key, "Value": "x"}}})
	c.ask("UntagResource", c.admin(), map[string]any{"ResourceId": id, "TagKeys": []string{key}})
}

// keyCycle makes a user with an access key in an account, uses the key, and deletes both.
func (c *client) keyCycle() {
	if !c.assumeIn(c.machine().AccountID) {
		return
	}
	admin, name := c.session, c.name()
	if c.do(query("iam", "CreateUser", admin, "UserName", name)) == nil {
		return
	}
	defer func() { c.do(query("iam", "DeleteUser", admin, "UserName", name)) }()
	body := c.do(query("iam", "CreateAccessKey", admin, "UserName", name))
	if body == nil {
		return
	}
	var answer struct {
		Result struct {
			AccessKey struct{ AccessKeyId, SecretAccessKey string }
		} `xml:"CreateAccessKeyResult"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil {
		c.result.note("CreateAccessKey", "unreadable answer")
		return
	}
	key := answer.Result.AccessKey
	c.do(query("sts", "GetCallerIdentity", aws.Credentials{AccessKeyID: key.AccessKeyId, SecretAccessKey: key.SecretAccessKey}))
	c.do(query("iam", "DeleteAccessKey", admin, "UserName", name, "AccessKeyId", key.AccessKeyId))
}

// ask calls Organizations; nil is an error, which is counted.
func (c *client) ask(operation string, who aws.Credentials, input map[string]any) []byte {
	if input == nil {
		input = map[string]any{}
	}
	r, err := organizations(operation, who, input)
	if err != nil {
		c.result.note(operation, err.Error())
		return nil
	}
	return c.do(r)
}

// decode reads an answer; there is none after an error.
func (c *client) decode(body []byte, into any) bool {
	return body != nil && json.Unmarshal(body, into) == nil
}
