// The daily work with AWS Organizations.
import assert from "node:assert/strict";
import * as orgs from "@aws-sdk/client-organizations";
import { all, created, document, refused } from "./world.mjs";

const guardrail = document({ Effect: "Deny", Action: "iam:CreateUser", Resource: "*" });

export async function organizations(t, world) {
  const { admin, rootId, organization } = world;
  const send = (command) => admin.organizations.send(command);
  let unit, member, policy;

  await t.test("an organization is there once", async () => {
    const { Organization: seen } = await send(new orgs.DescribeOrganizationCommand({}));
    assert.equal(seen.Id, organization.Id);
    assert.equal(seen.FeatureSet, "ALL");
    assert.equal(seen.MasterAccountEmail, "root@example.com");
    const error = await refused(send(new orgs.CreateOrganizationCommand({})), orgs.AlreadyInOrganizationException);
    assert.ok(error instanceof orgs.OrganizationsServiceException);
    assert.equal(error.$metadata.httpStatusCode, 400);
  });

  await t.test("units have names of any script", async () => {
    for (const name of ["Büro 東京 🚀", "Ελλάδα", "a\"<&>'b"]) {
      const made = await send(new orgs.CreateOrganizationalUnitCommand({ ParentId: rootId, Name: name }));
      unit = made.OrganizationalUnit;
      assert.equal(unit.Name, name);
      const id = { OrganizationalUnitId: unit.Id };
      const read = await send(new orgs.DescribeOrganizationalUnitCommand(id));
      assert.deepEqual(read.OrganizationalUnit, unit);
      const again = new orgs.CreateOrganizationalUnitCommand({ ParentId: rootId, Name: name });
      await refused(send(again), orgs.DuplicateOrganizationalUnitException);
    }
    const pages = orgs.paginateListOrganizationalUnitsForParent({ client: admin.organizations, pageSize: 2 }, { ParentId: rootId });
    const found = await all(pages, "OrganizationalUnits");
    assert.equal(found.items.length, 3);
    assert.ok(found.pages >= 2);
  });

  await t.test("accounts come to be and move", async () => {
    member = await world.account("Member One", unit.Id);
    for (const n of [2, 3, 4]) await world.account(`Member ${n}`);
    const { Account: account } = await send(new orgs.DescribeAccountCommand({ AccountId: member }));
    assert.equal(account.Name, "Member One");
    assert.equal(account.Status, "ACTIVE");
    assert.ok(account.JoinedTimestamp instanceof Date);
    const { Parents: parents } = await send(new orgs.ListParentsCommand({ ChildId: member }));
    assert.deepEqual(parents, [{ Id: unit.Id, Type: "ORGANIZATIONAL_UNIT" }]);
    const { items, pages } = await all(orgs.paginateListAccounts({ client: admin.organizations, pageSize: 2 }, {}), "Accounts");
    assert.equal(items.length, 5);
    assert.ok(pages >= 3);
    const children = { ParentId: unit.Id, ChildType: "ACCOUNT" };
    const below = await all(orgs.paginateListChildren({ client: admin.organizations }, children), "Children");
    assert.deepEqual(below.items, [{ Id: member, Type: "ACCOUNT" }]);
    const status = await created(admin.organizations, { AccountName: "Again", Email: "member-one@example.com" });
    assert.equal(status.State, "FAILED");
    assert.equal(status.FailureReason, "EMAIL_ALREADY_EXISTS");
  });

  await t.test("policies are attached", async () => {
    const input = { Name: "No users 無", Description: "läuft", Type: "SERVICE_CONTROL_POLICY", Content: guardrail };
    ({ Policy: policy } = await send(new orgs.CreatePolicyCommand(input)));
    assert.equal(policy.Content, guardrail);
    assert.equal(policy.PolicySummary.Name, input.Name);
    const target = { PolicyId: policy.PolicySummary.Id, TargetId: unit.Id };
    await send(new orgs.AttachPolicyCommand(target));
    await refused(send(new orgs.AttachPolicyCommand(target)), orgs.DuplicatePolicyAttachmentException);
    const targets = await all(orgs.paginateListTargetsForPolicy({ client: admin.organizations }, { PolicyId: target.PolicyId }), "Targets");
    assert.deepEqual(targets.items.map((i) => [i.TargetId, i.Name, i.Type]), [[unit.Id, unit.Name, "ORGANIZATIONAL_UNIT"]]);
    const filter = { Filter: "SERVICE_CONTROL_POLICY" };
    const known = await all(orgs.paginateListPolicies({ client: admin.organizations, pageSize: 1 }, filter), "Policies");
    assert.deepEqual(known.items.map((p) => p.Name).sort(), ["FullAWSAccess", "No users 無"]);
    await refused(send(new orgs.DeletePolicyCommand({ PolicyId: target.PolicyId })), orgs.PolicyInUseException);
    await send(new orgs.DetachPolicyCommand(target));
    await refused(send(new orgs.DetachPolicyCommand(target)), orgs.PolicyNotAttachedException);
  });

  await t.test("tags are of any script", async () => {
    const tags = [{ Key: "städtisch", Value: "ja natürlich 東京" }, { Key: "team", Value: "" }];
    await send(new orgs.TagResourceCommand({ ResourceId: member, Tags: tags }));
    const read = await all(orgs.paginateListTagsForResource({ client: admin.organizations }, { ResourceId: member }), "Tags");
    assert.deepEqual(read.items.sort((a, b) => (a.Key < b.Key ? -1 : 1)), tags);
    await send(new orgs.UntagResourceCommand({ ResourceId: member, TagKeys: ["team"] }));
  });

  await t.test("errors are of their classes", async () => {
    const missing = new orgs.DescribeAccountCommand({ AccountId: "999988887777" });
    await refused(send(missing), orgs.AccountNotFoundException);
    const noUnit = { OrganizationalUnitId: `ou-${rootId.slice(2)}-zzzzzzzz` };
    await refused(send(new orgs.DescribeOrganizationalUnitCommand(noUnit)), orgs.OrganizationalUnitNotFoundException);
    await refused(send(new orgs.DescribePolicyCommand({ PolicyId: "p-zzzzzzzz" })), orgs.PolicyNotFoundException);
    const broken = { Name: "broken", Description: "", Type: "SERVICE_CONTROL_POLICY", Content: "{" };
    await refused(send(new orgs.CreatePolicyCommand(broken)), orgs.MalformedPolicyDocumentException);
    const last = { PolicyId: "p-FullAWSAccess", TargetId: rootId };
    const constraint = await refused(send(new orgs.DetachPolicyCommand(last)), orgs.ConstraintViolationException);
    assert.equal(constraint.Reason, "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED");
    const invalid = await refused(send(new orgs.DescribeAccountCommand({ AccountId: "12" })), orgs.InvalidInputException);
    assert.ok(invalid.Reason);
    const nobody = await admin.newUser("nobody");
    const denied = await refused(nobody.organizations.send(new orgs.ListAccountsCommand({})), orgs.AccessDeniedException);
    assert.match(denied.message, /user\/nobody is not authorized to perform: organizations:ListAccounts/);
  });

  await t.test("an account is closed", async () => {
    await send(new orgs.CloseAccountCommand({ AccountId: member }));
    const { Account: account } = await send(new orgs.DescribeAccountCommand({ AccountId: member }));
    assert.equal(account.Status, "SUSPENDED");
    await refused(send(new orgs.CloseAccountCommand({ AccountId: member })), orgs.AccountAlreadyClosedException);
  });
}
