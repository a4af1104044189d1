package operator

import "net/http"

// metricsPage serves the counters. Like health, the page needs no token, because what
// collects them has none: it names services and operations of the APIs, and no account,
// caller or resource.
func metricsPage(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		page.ServeHTTP(w, r)
	})
}
