// A server that is asked too much says so in words that the SDK understands.
import assert from "node:assert/strict";
import { GetContactInformationCommand, TooManyRequestsException as AccountTooMany } from "@aws-sdk/client-account";
import { ListUsersCommand } from "@aws-sdk/client-iam";
import { DescribeOrganizationCommand, TooManyRequestsException } from "@aws-sdk/client-organizations";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { Identity } from "./world.mjs";

export async function throttling(t) {
  const endpoint = process.env.THROTTLED_ENDPOINT;
  const hasty = new Identity(undefined, { endpoint });
  const patient = new Identity(undefined, { endpoint, maxAttempts: 12, retryMode: "standard" });

  /** Asks until it is told to slow down, and returns how. */
  const slowDown = async (send) => {
    for (let n = 0; n < 100; n++) {
      const error = await send().then(() => undefined, (e) => e);
      if (error && error.message === "Rate exceeded") return error;
    }
    assert.fail("never told to slow down");
  };

  await t.test("each service in its own words", async () => {
    const sts = await slowDown(() => hasty.sts.send(new GetCallerIdentityCommand({})));
    assert.deepEqual([sts.name, sts.$metadata.httpStatusCode], ["Throttling", 400]);
    const iam = await slowDown(() => hasty.iam.send(new ListUsersCommand({})));
    assert.deepEqual([iam.name, iam.$metadata.httpStatusCode], ["Throttling", 400]);
    const orgs = await slowDown(() => hasty.organizations.send(new DescribeOrganizationCommand({})));
    assert.ok(orgs instanceof TooManyRequestsException);
    const account = await slowDown(() => hasty.account.send(new GetContactInformationCommand({})));
    assert.ok(account instanceof AccountTooMany);
    assert.equal(account.$metadata.httpStatusCode, 429);
  });

  await t.test("the SDK waits and tries again", async () => {
    const calls = Array.from({ length: 20 }, () => patient.sts.send(new GetCallerIdentityCommand({})));
    const answers = await Promise.all(calls);
    assert.ok(answers.every((a) => a.Arn.endsWith(":root")));
    assert.ok(answers.some((a) => a.$metadata.attempts > 1), "nothing was tried again");
  });
}
