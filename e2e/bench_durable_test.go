package e2e

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/bailiwick/bailiwick/store/pgtest"
)

// BenchmarkDurableWrites renames OUs: each new name is on disk, with its audit event, when it
// is answered. One client waits for the disk each time; many share the wait.
func BenchmarkDurableWrites(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": nil, "postgres": pgtest.Database} {
		b.Run(name, func(b *testing.B) {
			args := []string{"--log-level", "warn"}
			if url != nil {
				args = append(args, "--database-url", url(b))
			}
			p, root := launchServer(b, args...)
			admin, _ := benchAdmin(b, root)
			const most = 256
			units := renamable(b, root, most)
			raw := make([][2][]byte, most)
			for i, id := range units {
				for j := range raw[i] {
					raw[i][j] = signed(b, admin, "organizations", "application/x-amz-json-1.1", "AWSOrganizationsV20161128.UpdateOrganizationalUnit",
						fmt.Sprintf(`{"OrganizationalUnitId":%q,"Name":"Unit %d %d"}`, id, i, j))
				}
			}
			turn := make([]int, most)
			for _, clients := range []int{1, 8, 64, most} {
				b.Run(strconv.Itoa(clients), func(b *testing.B) {
					loadFrom(b, p, clients, func(worker, _ int) []byte {
						turn[worker]++
						return raw[worker][turn[worker]%2]
					}, is200)
				})
			}
		})
	}
}

// renamable makes OUs to be renamed over and over, by one client each: the same transaction
// each time, one row and one event.
func renamable(b *testing.B, root as, count int) []string {
	b.Helper()
	roots, err := root.organizations().ListRoots(context.Background(), &organizations.ListRootsInput{})
	if err != nil {
		b.Fatal(err)
	}
	units := make([]string, count)
	for i := range units {
		out, err := root.organizations().CreateOrganizationalUnit(context.Background(), &organizations.CreateOrganizationalUnitInput{
			ParentId: roots.Roots[0].Id, Name: aws.String("Bench " + strconv.Itoa(i)),
		})
		if err != nil {
			b.Fatal(err)
		}
		units[i] = *out.OrganizationalUnit.Id
	}
	return units
}
