package audit

import "time"

// Hurry shortens the time that somebody waits for the queue.
func (q *Queue) Hurry(patience time.Duration) { q.patience = patience }
