// Credentials: roles, chains, web identities, and what guardrails say to them.
import assert from "node:assert/strict";
import { CreateOpenIDConnectProviderCommand, CreateRoleCommand, ListUsersCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AttachPolicyCommand, CreatePolicyCommand, DetachPolicyCommand } from "@aws-sdk/client-organizations";
import * as sts from "@aws-sdk/client-sts";
import { fromTemporaryCredentials, fromTokenFile, fromWebToken } from "@aws-sdk/credential-providers";
import { adminRole, allow, document, Identity, refused, roleARN, trust } from "./world.mjs";

const who = async (identity) => (await identity.sts.send(new sts.GetCallerIdentityCommand({}))).Arn;

export async function sessions(t, world) {
  const { admin, root, organization } = world;
  const management = organization.MasterAccountId;
  const member = await world.account("Sessions");
  const inside = admin.assume(roleARN(member, adminRole));

  await t.test("the environment says who one is", async () => {
    assert.equal(await who(root), `arn:aws:iam::${management}:root`);
    assert.equal(await who(admin), `arn:aws:iam::${management}:user/admin`);
    const wrong = new Identity({ accessKeyId: "AKIAIOSFODNN7UNKNOWN", secretAccessKey: "x".repeat(40) });
    const error = await refused(who(wrong), sts.STSServiceException, "InvalidClientTokenId");
    assert.equal(error.$metadata.httpStatusCode, 403);
  });

  await t.test("a role is taken on, and another from there", async () => {
    assert.equal(await who(inside), `arn:aws:sts::${member}:assumed-role/${adminRole}/js`);
    await inside.iam.send(new CreateRoleCommand({ RoleName: "next", AssumeRolePolicyDocument: trust(member) }));
    await inside.iam.send(new PutRolePolicyCommand({ RoleName: "next", PolicyName: "p", PolicyDocument: allow("iam:ListUsers") }));
    const next = inside.assume(roleARN(member, "next"), { DurationSeconds: 900 });
    assert.equal(await who(next), `arn:aws:sts::${member}:assumed-role/next/js`);
    assert.deepEqual((await next.iam.send(new ListUsersCommand({}))).Users, []);
    const credentials = await fromTemporaryCredentials({ masterCredentials: admin.credentials, params: { RoleArn: roleARN(member, adminRole), DurationSeconds: 900 } })();
    const left = credentials.expiration - Date.now();
    assert.ok(left > 850e3 && left < 950e3, `${left} ms are left`);
  });

  await t.test("who is not trusted is refused", async () => {
    const guest = await admin.newUser("guest", allow("sts:*"));
    await inside.iam.send(new CreateRoleCommand({ RoleName: "closed", AssumeRolePolicyDocument: trust(`arn:aws:iam::${management}:user/admin`) }));
    const input = { RoleArn: roleARN(member, "closed"), RoleSessionName: "refused" };
    await admin.sts.send(new sts.AssumeRoleCommand(input));
    const error = await refused(guest.sts.send(new sts.AssumeRoleCommand(input)), sts.STSServiceException, "AccessDenied");
    assert.equal(error.$metadata.httpStatusCode, 403);
    assert.match(error.message, /user\/guest is not authorized to perform: sts:AssumeRole on resource/);
    await refused(root.sts.send(new sts.AssumeRoleCommand(input)), sts.STSServiceException, "AccessDenied");
    const policy = { ...input, Policy: "not a policy" };
    await refused(admin.sts.send(new sts.AssumeRoleCommand(policy)), sts.MalformedPolicyDocumentException);
  });

  await t.test("a guardrail holds", async () => {
    const content = document({ Effect: "Deny", Action: "iam:ListUsers", Resource: "*" });
    const made = await admin.organizations.send(
      new CreatePolicyCommand({ Name: "no lists", Description: "", Type: "SERVICE_CONTROL_POLICY", Content: content }),
    );
    const target = { PolicyId: made.Policy.PolicySummary.Id, TargetId: member };
    await admin.organizations.send(new AttachPolicyCommand(target));
    const error = await refused(inside.iam.send(new ListUsersCommand({})), Error, "AccessDenied");
    assert.ok(error.message.endsWith(`with an explicit deny in a service control policy: ${made.Policy.PolicySummary.Arn}`), error.message);
    await admin.organizations.send(new DetachPolicyCommand(target));
    await inside.iam.send(new ListUsersCommand({}));
  });

  await t.test("sessions of users", async () => {
    const { Credentials: c } = await admin.sts.send(new sts.GetSessionTokenCommand({}));
    const session = new Identity({ accessKeyId: c.AccessKeyId, secretAccessKey: c.SecretAccessKey, sessionToken: c.SessionToken });
    assert.equal(await who(session), `arn:aws:iam::${management}:user/admin`);
    const { Account: account } = await admin.sts.send(new sts.GetAccessKeyInfoCommand({ AccessKeyId: c.AccessKeyId }));
    assert.equal(account, management);
    const { FederatedUser: user } = await admin.sts.send(new sts.GetFederationTokenCommand({ Name: "fed", Policy: allow("iam:*") }));
    assert.equal(user.Arn, `arn:aws:sts::${management}:federated-user/fed`);
  });

  await t.test("a web identity", async () => {
    const issuer = process.env.OIDC_ISSUER;
    const host = issuer.replace("https://", "");
    const { OpenIDConnectProviderArn: provider } = await inside.iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: issuer, ClientIDList: ["sts.amazonaws.com"], ThumbprintList: [process.env.OIDC_THUMBPRINT] }),
    );
    const policy = document({
      Effect: "Allow", Principal: { Federated: provider }, Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { [`${host}:aud`]: "sts.amazonaws.com", [`${host}:sub`]: "repo:pied-piper/app" } },
    });
    await inside.iam.send(new CreateRoleCommand({ RoleName: "ci", AssumeRolePolicyDocument: policy }));
    const role = { roleArn: roleARN(member, "ci"), roleSessionName: "build" };
    const ci = new Identity(fromTokenFile({ webIdentityTokenFile: process.env.OIDC_TOKEN_FILE, ...role }));
    assert.equal(await who(ci), `arn:aws:sts::${member}:assumed-role/ci/build`);
    const stranger = new Identity(fromWebToken({ webIdentityToken: process.env.OIDC_STRANGER, ...role }));
    await refused(who(stranger), Error, "AccessDenied");
    const forged = { RoleArn: role.roleArn, RoleSessionName: "refused", WebIdentityToken: process.env.OIDC_FORGED };
    await refused(admin.sts.send(new sts.AssumeRoleWithWebIdentityCommand(forged)), sts.InvalidIdentityTokenException);
  });
}
