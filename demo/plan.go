package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// Shares and bounds of a large organization. AWS allows 2,000 OUs, five levels deep
// (Organizations user guide, "Quotas and service limits for AWS Organizations").
const (
	// accountsPerProduct is how many accounts a product has on average while there may be
	// more products; maxProducts keeps the OUs below their quota.
	accountsPerProduct = 40
	maxProducts        = 420
	productsPerDept    = 6
	deptsPerDivision   = 6
	// sandboxShare is the share of accounts that hang on one OU, side by side.
	sandboxShare = 0.1
	// equippedEvery and guardedEvery say which accounts get roles and users of their own, and
	// which a guardrail of their own.
	equippedEvery = 8
	guardedEvery  = 100
)

// plannedUnit is an OU to be made. parent is its index in the plan, or topLevel.
type plannedUnit struct {
	name   string
	parent int
	depth  int
}

const topLevel = -1

// plannedAccount is an account to be made in an OU.
type plannedAccount struct {
	name, email string
	unit        int
	// equipped accounts get a role, a user with an access key and a policy.
	equipped bool
	// guarded accounts have a service control policy attached to themselves.
	guarded bool
}

// plan is a large organization before it is built. Parents stand before their children.
type plan struct {
	units    []plannedUnit
	accounts []plannedAccount
	// Indexes of the OUs that guardrails are attached to.
	workloads, sandbox, suspended int
	divisions, products           []int
	production                    []int
}

// fixedAccounts are there in every size: those of the landing zone.
var fixedAccounts = []struct{ unit, name string }{
	{"Security", "Identity"},
	{"Security", "Log Archive"},
	{"Security", "Audit"},
	{"Infrastructure", "Network"},
	{"Infrastructure", "Shared Services"},
}

// makePlan lays out an organization of so many accounts, the management account counted.
// The same count and seed give the same plan.
func makePlan(accounts int, seed uint64) *plan {
	p := &plan{}
	random := rand.New(rand.NewPCG(seed, uint64(accounts)))
	top := map[string]int{}
	for _, name := range []string{"Security", "Infrastructure", "Workloads", "Sandbox", "Suspended"} {
		top[name] = p.unit(name, topLevel)
	}
	p.workloads, p.sandbox, p.suspended = top["Workloads"], top["Sandbox"], top["Suspended"]
	left := accounts - 1
	for _, f := range fixedAccounts {
		if left > 0 {
			p.account(f.name, top[f.unit])
			left--
		}
	}
	for n := range int(float64(left) * sandboxShare) {
		p.account(fmt.Sprintf("Sandbox %05d", n+1), p.sandbox)
		left--
	}
	p.fill(random, left, p.landscape(max(1, min(maxProducts, left/accountsPerProduct))))
	return p
}

func (p *plan) unit(name string, parent int) int {
	depth := 1
	if parent != topLevel {
		depth = p.units[parent].depth + 1
	}
	p.units = append(p.units, plannedUnit{name, parent, depth})
	return len(p.units) - 1
}

func (p *plan) account(name string, unit int) {
	n := len(p.accounts)
	p.accounts = append(p.accounts, plannedAccount{
		name: name, unit: unit,
		email: fmt.Sprintf("%s-%d@example.com", strings.ToLower(strings.ReplaceAll(name, " ", "-")), n),
	})
}

// stages are the OUs of a product.
var stages = []string{"Production", "Staging", "Development"}

// product is a product's name and the OUs of its stages.
type product struct {
	name   string
	stages []int
}

// landscape makes the OUs below Workloads: divisions, departments, products, stages.
func (p *plan) landscape(count int) []product {
	products := make([]product, 0, count)
	var division, dept int
	for n := range count {
		if n%(productsPerDept*deptsPerDivision) == 0 {
			division = p.unit(fmt.Sprintf("Division %02d", len(p.divisions)+1), p.workloads)
			p.divisions = append(p.divisions, division)
		}
		if n%productsPerDept == 0 {
			dept = p.unit(fmt.Sprintf("Department %03d", n/productsPerDept+1), division)
		}
		made := product{name: fmt.Sprintf("Product %03d", n+1)}
		of := p.unit(made.name, dept)
		p.products = append(p.products, of)
		for _, stage := range stages {
			made.stages = append(made.stages, p.unit(stage, of))
		}
		p.production = append(p.production, made.stages[0])
		products = append(products, made)
	}
	return products
}

// fill spreads the accounts over the products as they are spread in the field: few have
// many.
func (p *plan) fill(random *rand.Rand, accounts int, products []product) {
	weights := make([]float64, len(products))
	var sum float64
	for i := range weights {
		weights[i] = math.Pow(float64(i+1), -0.6)
		sum += weights[i]
	}
	random.Shuffle(len(weights), func(i, j int) { weights[i], weights[j] = weights[j], weights[i] })
	bounds := make([]int, len(weights))
	var upTo float64
	for i, w := range weights {
		upTo += w
		bounds[i] = int(math.Round(upTo / sum * float64(accounts)))
	}
	at := 0
	for n := range accounts {
		for bounds[at] <= n {
			at++
		}
		stage := random.IntN(len(stages))
		p.account(fmt.Sprintf("%s %s %05d", products[at].name, stages[stage], n+1), products[at].stages[stage])
		made := &p.accounts[len(p.accounts)-1]
		// Production takes no users: people and machines come from elsewhere.
		made.equipped = stage > 0 && n%equippedEvery == 0 || accounts < equippedEvery && stage > 0
		made.guarded = n%guardedEvery == 0
	}
}
