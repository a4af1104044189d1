// The daily work with IAM.
import assert from "node:assert/strict";
import * as iam from "@aws-sdk/client-iam";
import { all, allow, refused, trust } from "./world.mjs";

export async function identities(t, world) {
  const { admin, organization } = world;
  const client = admin.iam;
  const send = (command) => client.send(command);
  const wait = { client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 };
  let policyARN;

  await t.test("waiters find what was made", async () => {
    await send(new iam.CreateUserCommand({ UserName: "alice", Path: "/staff/", Tags: [{ Key: "Größe", Value: "groß" }] }));
    assert.equal((await iam.waitUntilUserExists(wait, { UserName: "alice" })).state, "SUCCESS");
    const role = { RoleName: "deploy", AssumeRolePolicyDocument: trust(organization.MasterAccountId), Description: "für alle é" };
    await send(new iam.CreateRoleCommand(role));
    assert.equal((await iam.waitUntilRoleExists(wait, { RoleName: "deploy" })).state, "SUCCESS");
    const made = await send(new iam.CreatePolicyCommand({ PolicyName: "reader", PolicyDocument: allow("iam:Get*") }));
    policyARN = made.Policy.Arn;
    assert.equal((await iam.waitUntilPolicyExists(wait, { PolicyArn: policyARN })).state, "SUCCESS");
    await send(new iam.CreateInstanceProfileCommand({ InstanceProfileName: "box" }));
    assert.equal((await iam.waitUntilInstanceProfileExists(wait, { InstanceProfileName: "box" })).state, "SUCCESS");
  });

  await t.test("what was put in is read back", async () => {
    const { User: user } = await send(new iam.GetUserCommand({ UserName: "alice" }));
    assert.equal(user.Arn, `arn:aws:iam::${organization.MasterAccountId}:user/staff/alice`);
    assert.deepEqual(user.Tags, [{ Key: "Größe", Value: "groß" }]);
    assert.ok(user.CreateDate instanceof Date);
    const { Role: role } = await send(new iam.GetRoleCommand({ RoleName: "deploy" }));
    assert.equal(role.Description, "für alle é");
    // IAM names the account of a principal by its root.
    assert.equal(decodeURIComponent(role.AssumeRolePolicyDocument), trust(`arn:aws:iam::${organization.MasterAccountId}:root`));
    const { PolicyVersion: version } = await send(new iam.GetPolicyVersionCommand({ PolicyArn: policyARN, VersionId: "v1" }));
    assert.equal(decodeURIComponent(version.Document), allow("iam:Get*"));
    assert.equal(version.IsDefaultVersion, true);
  });

  await t.test("users, groups and policies belong together", async () => {
    await send(new iam.CreateGroupCommand({ GroupName: "readers" }));
    await send(new iam.AddUserToGroupCommand({ GroupName: "readers", UserName: "alice" }));
    await send(new iam.AttachGroupPolicyCommand({ GroupName: "readers", PolicyArn: policyARN }));
    const { Groups: groups } = await send(new iam.ListGroupsForUserCommand({ UserName: "alice" }));
    assert.deepEqual(groups.map((g) => g.GroupName), ["readers"]);
    await send(new iam.PutRolePolicyCommand({ RoleName: "deploy", PolicyName: "inline", PolicyDocument: allow("iam:ListUsers") }));
    await send(new iam.AttachRolePolicyCommand({ RoleName: "deploy", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }));
    await refused(send(new iam.DeleteRoleCommand({ RoleName: "deploy" })), iam.DeleteConflictException);
    await refused(send(new iam.DeletePolicyCommand({ PolicyArn: policyARN })), iam.DeleteConflictException);
    await send(new iam.CreateAccountAliasCommand({ AccountAlias: "pied-piper" }));
    const { AccountAliases: aliases } = await send(new iam.ListAccountAliasesCommand({}));
    assert.deepEqual(aliases, ["pied-piper"]);
  });

  await t.test("a key is switched off", async () => {
    const { AccessKey: key } = await send(new iam.CreateAccessKeyCommand({ UserName: "alice" }));
    const alice = new iam.IAMClient({ maxAttempts: 1, credentials: { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey } });
    assert.equal((await alice.send(new iam.GetUserCommand({}))).User.UserName, "alice");
    await send(new iam.UpdateAccessKeyCommand({ UserName: "alice", AccessKeyId: key.AccessKeyId, Status: "Inactive" }));
    await refused(alice.send(new iam.GetUserCommand({})), iam.IAMServiceException, "InvalidClientTokenId");
  });

  await t.test("paginators go to the end", async () => {
    for (let n = 0; n < 5; n++) await send(new iam.CreateUserCommand({ UserName: `page-${n}`, Path: "/pages/" }));
    const users = await all(iam.paginateListUsers({ client, pageSize: 2 }, { PathPrefix: "/pages/" }), "Users");
    assert.deepEqual(users.items.map((u) => u.UserName), [0, 1, 2, 3, 4].map((n) => `page-${n}`));
    assert.equal(users.pages, 3);
    const everything = await all(iam.paginateGetAccountAuthorizationDetails({ client, pageSize: 3 }, { Filter: ["User"] }), "UserDetailList");
    assert.ok(everything.items.some((u) => u.UserName === "alice" && u.GroupList.includes("readers")));
    const managed = await all(iam.paginateListPolicies({ client, pageSize: 100 }, { Scope: "AWS" }), "Policies");
    assert.ok(managed.items.some((p) => p.PolicyName === "AdministratorAccess"));
  });

  await t.test("errors are of their classes", async () => {
    const error = await refused(send(new iam.GetUserCommand({ UserName: "zoe" })), iam.NoSuchEntityException);
    assert.equal(error.$metadata.httpStatusCode, 404);
    assert.equal(error.message, "The user with name zoe cannot be found.");
    assert.ok(error instanceof iam.IAMServiceException);
    const again = await refused(send(new iam.CreateUserCommand({ UserName: "Alice" })), iam.EntityAlreadyExistsException);
    assert.equal(again.$metadata.httpStatusCode, 409);
    const broken = { UserName: "alice", PolicyName: "broken", PolicyDocument: "{}" };
    await refused(send(new iam.PutUserPolicyCommand(broken)), iam.MalformedPolicyDocumentException);
    await send(new iam.CreateAccessKeyCommand({ UserName: "alice" }));
    await refused(send(new iam.CreateAccessKeyCommand({ UserName: "alice" })), iam.LimitExceededException);
    await refused(send(new iam.CreateUserCommand({ UserName: "né" })), iam.IAMServiceException, "ValidationError");
  });
}
