// The daily work with AWS Account Management.
import assert from "node:assert/strict";
import * as account from "@aws-sdk/client-account";
import { EnableAWSServiceAccessCommand } from "@aws-sdk/client-organizations";
import { adminRole, all, refused, roleARN } from "./world.mjs";

export async function accounts(t, world) {
  const { admin } = world;
  const member = await world.account("Contacts");
  const send = (command) => admin.account.send(command);

  await t.test("contacts are read back", async () => {
    const contact = {
      FullName: "Zoë Müller", AddressLine1: "神田 1-2-3", City: "東京", StateOrRegion: "東京都", PostalCode: "101-0021",
      CountryCode: "JP", PhoneNumber: "+81312345678",
    };
    await send(new account.PutContactInformationCommand({ ContactInformation: contact }));
    const read = await send(new account.GetContactInformationCommand({}));
    assert.deepEqual(read.ContactInformation, contact);
    const billing = { AlternateContactType: "BILLING", EmailAddress: "bills@example.com", Name: "Bill", PhoneNumber: "+1 555 0100", Title: "CFO" };
    await send(new account.PutAlternateContactCommand(billing));
    const { AlternateContact: seen } = await send(new account.GetAlternateContactCommand({ AlternateContactType: "BILLING" }));
    assert.deepEqual(seen, billing);
    await send(new account.DeleteAlternateContactCommand({ AlternateContactType: "BILLING" }));
    const gone = send(new account.GetAlternateContactCommand({ AlternateContactType: "BILLING" }));
    const error = await refused(gone, account.ResourceNotFoundException);
    assert.equal(error.$metadata.httpStatusCode, 404);
  });

  await t.test("members are managed once the service is trusted", async () => {
    const name = { AccountId: member, AccountName: "Contacts & more" };
    await refused(send(new account.PutAccountNameCommand(name)), account.AccessDeniedException);
    await admin.organizations.send(new EnableAWSServiceAccessCommand({ ServicePrincipal: "account.amazonaws.com" }));
    await send(new account.PutAccountNameCommand(name));
    const inside = admin.assume(roleARN(member, adminRole));
    const information = await inside.account.send(new account.GetAccountInformationCommand({}));
    assert.equal(information.AccountId, member);
    assert.equal(information.AccountName, "Contacts & more");
    assert.ok(information.AccountCreatedDate instanceof Date);
  });

  await t.test("regions are listed and enabled", async () => {
    const regions = await all(account.paginateListRegions({ client: admin.account, pageSize: 10 }, {}), "Regions");
    assert.ok(regions.pages > 1);
    assert.ok(regions.items.some((r) => r.RegionName === "us-east-1" && r.RegionOptStatus === "ENABLED_BY_DEFAULT"));
    await send(new account.EnableRegionCommand({ RegionName: "af-south-1" }));
    const status = await send(new account.GetRegionOptStatusCommand({ RegionName: "af-south-1" }));
    assert.match(status.RegionOptStatus, /^ENABL(ED|ING)$/);
  });

  await t.test("errors are of their classes", async () => {
    const bad = send(new account.PutAccountNameCommand({ AccountName: "<no>" }));
    const error = await refused(bad, account.ValidationException);
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.ok(error.reason);
  });
}
