// Package demo builds the sample organization that a newcomer explores: the stories of a
// start-up that grows out of one account, of environments under a managing account, of an
// identity account, and of four teams with their environments, with guardrails over all of
// them. It also builds large ones, of up to 100,000 accounts, whose names tell no story.
//
// It is a client like any other: everything is done through the AWS APIs with the AWS SDK,
// signed and authorized. It imports nothing of the server.
package demo
