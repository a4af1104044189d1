package store

import "time"

// LeadTimes sets how often nodes make sure of the lead, and how long the answer may take.
func LeadTimes(o *Options, interval, answer time.Duration) {
	o.leadInterval, o.leadAnswer = interval, answer
}

// LeadBound is how long a node without an answer may lead on.
const LeadBound = leadInterval + leadAnswer
