// What the scenes share: clients of one server, and an organization with an administrator.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { AccountClient } from "@aws-sdk/client-account";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateAccountCommand,
  CreateOrganizationCommand,
  DescribeCreateAccountStatusCommand,
  EnablePolicyTypeCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from "@aws-sdk/client-organizations";
import { STSClient } from "@aws-sdk/client-sts";
import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";

/** The role that Organizations makes in the accounts it creates. */
export const adminRole = "OrganizationAccountAccessRole";

/** Clients of all services for one identity. Endpoint and region come from the environment. */
export class Identity {
  constructor(credentials, options = {}) {
    const config = { maxAttempts: 1, ...options, ...(credentials && { credentials }) };
    this.credentials = credentials;
    this.organizations = new OrganizationsClient(config);
    this.iam = new IAMClient(config);
    this.sts = new STSClient(config);
    this.account = new AccountClient(config);
  }

  /** This identity after it has taken on a role. */
  assume(roleArn, params = {}) {
    return new Identity(
      fromTemporaryCredentials({
        ...(this.credentials && { masterCredentials: this.credentials }),
        params: { RoleArn: roleArn, RoleSessionName: "js", ...params },
      }),
    );
  }

  /** A new user of the account with one access key and one inline policy. */
  async newUser(name, policy) {
    await this.iam.send(new CreateUserCommand({ UserName: name }));
    if (policy) {
      await this.iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: "inline", PolicyDocument: policy }));
    }
    const { AccessKey: key } = await this.iam.send(new CreateAccessKeyCommand({ UserName: name }));
    return new Identity({ accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey });
  }
}

/** A policy document with these statements. */
export const document = (...statements) => JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** A policy that allows the actions everywhere. */
export const allow = (...actions) => document({ Effect: "Allow", Action: actions, Resource: "*" });

/** A trust policy for an AWS principal. */
export const trust = (principal, action = "sts:AssumeRole") =>
  document({ Effect: "Allow", Principal: { AWS: principal }, Action: action });

export const roleARN = (account, name) => `arn:aws:iam::${account}:role/${name}`;

/** Waits until an account that was asked for is there, and returns the final status. */
export async function created(organizations, input) {
  let { CreateAccountStatus: status } = await organizations.send(new CreateAccountCommand(input));
  assert.match(status.Id, /^car-[a-z0-9]{8,32}$/);
  for (let n = 0; status.State === "IN_PROGRESS" && n < 200; n++) {
    await sleep(20);
    ({ CreateAccountStatus: status } = await organizations.send(
      new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: status.Id }),
    ));
  }
  return status;
}

/** An organization with all features, service control policies and an administrator. */
export async function organize() {
  const root = new Identity();
  const { Organization: organization } = await root.organizations.send(new CreateOrganizationCommand({ FeatureSet: "ALL" }));
  const { Roots: roots } = await root.organizations.send(new ListRootsCommand({}));
  const rootId = roots[0].Id;
  await root.organizations.send(new EnablePolicyTypeCommand({ RootId: rootId, PolicyType: "SERVICE_CONTROL_POLICY" }));
  const admin = await root.newUser("admin", allow("*"));
  const account = async (name, parent) => {
    const email = `${name.toLowerCase().replaceAll(" ", "-")}@example.com`;
    const status = await created(admin.organizations, { AccountName: name, Email: email });
    assert.equal(status.State, "SUCCEEDED");
    if (parent) {
      const move = { AccountId: status.AccountId, SourceParentId: rootId, DestinationParentId: parent };
      await admin.organizations.send(new MoveAccountCommand(move));
    }
    return status.AccountId;
  };
  return { root, admin, organization, rootId, account };
}

/** Everything that a paginator yields under a key, and on how many pages. */
export async function all(pages, key) {
  const items = [];
  let count = 0;
  for await (const page of pages) {
    items.push(...(page[key] ?? []));
    count++;
  }
  return { items, pages: count };
}

/** Asserts that a call fails with an error of the class, and returns the error. */
export async function refused(call, errorClass, name = errorClass.name) {
  const error = await call.then(
    () => assert.fail(`${name} expected, but the call succeeded`),
    (e) => e,
  );
  assert.ok(error instanceof errorClass, `${name} expected: ${error.stack}`);
  assert.equal(error.name, name);
  assert.equal(error.$fault, "client");
  assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
  return error;
}
