package account

import "context"

// The states of the telephone number of the primary contact (API reference,
// PhoneNumberVerificationStatus). Every account here can have its number verified, so that
// NOT_SUPPORTED is not among them.
const (
	PhoneUnverified = "UNVERIFIED"
	PhonePending    = "PENDING"
	PhoneVerified   = "VERIFIED"
)

// SendPhoneCode sends a code to the telephone number of the primary contact; one that was
// sent before is void then. It fails with CodeNotFound if there is no contact, and with
// CodeConflict if the number is verified.
func SendPhoneCode(ctx context.Context, tx Tx, accountID string, seal Seal) error {
	contact, err := GetContact(ctx, tx, accountID)
	if err != nil {
		return err
	}
	status, err := PhoneStatus(ctx, tx, accountID, contact.PhoneNumber)
	if err != nil {
		return err
	}
	if status == PhoneVerified {
		return fail(CodeConflict, "The phone number is already verified.")
	}
	return sendCode(tx, accountID, KindPhone, contact.PhoneNumber, seal)
}

// VerifyPhone notes that the telephone number of the primary contact is the account's. It
// fails with CodeNotFound if there is no contact or no code was sent, with CodeConflict if
// the number was verified or has changed since, and with CodeInvalid if the code is wrong
// or too old. The attempt is one of KindPhone.
func VerifyPhone(ctx context.Context, tx Tx, accountID, code string, a Attempt, open Open) error {
	contact, err := GetContact(ctx, tx, accountID)
	if err != nil {
		return err
	}
	c, found, err := tx.AccountCode(accountID, KindPhone)
	switch {
	case err != nil:
		return err
	case !found:
		return fail(CodeNotFound, "No one-time passcode was sent for this account.")
	case c.Destination != contact.PhoneNumber:
		return fail(CodeConflict, "The phone number has changed since the one-time passcode was sent. Request a new one.")
	case c.UsedAt != nil:
		return fail(CodeConflict, "The phone number is already verified.")
	}
	return useCode(tx, c, a, code, open)
}

// PhoneStatus returns the state of a number that the primary contact has now.
func PhoneStatus(_ context.Context, tx Tx, accountID, number string) (string, error) {
	c, found, err := tx.AccountCode(accountID, KindPhone)
	switch {
	case err != nil || !found || c.Destination != number:
		return PhoneUnverified, err
	case c.UsedAt != nil:
		return PhoneVerified, nil
	case c.waits(tx.Now()):
		return PhonePending, nil
	default:
		return PhoneUnverified, nil
	}
}
