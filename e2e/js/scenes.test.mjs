// All scenes, one after the other, in one organization. e2e/js_test.go runs them.
import test from "node:test";
import { accounts } from "./account.mjs";
import { identities } from "./iam.mjs";
import { organizations } from "./organizations.mjs";
import { sessions } from "./sts.mjs";
import { throttling } from "./throttling.mjs";
import { organize } from "./world.mjs";

test("AWS SDK for JavaScript", async (t) => {
  const world = await organize();
  await t.test("Organizations", (t) => organizations(t, world));
  await t.test("IAM", (t) => identities(t, world));
  await t.test("Account", (t) => accounts(t, world));
  await t.test("STS", (t) => sessions(t, world));
  await t.test("throttling", (t) => throttling(t));
});
