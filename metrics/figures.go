package metrics

import "github.com/prometheus/client_golang/prometheus"

// What is kept elsewhere is asked for when the page is made.
var (
	cacheEntries  = prometheus.NewDesc("bailiwick_cache_entries", "Entries in a cache.", []string{"cache"}, nil)
	cacheRequests = prometheus.NewDesc("bailiwick_cache_requests_total",
		"How often a cache had what was wanted (hit), or did not, or no longer as it is now (miss).", []string{"cache", "outcome"}, nil)
	storeConnections = prometheus.NewDesc("bailiwick_store_connections", "Connections to the database, by state (busy: in a transaction; idle).", []string{"state"}, nil)
	storeWaiting     = prometheus.NewDesc("bailiwick_store_waiting_updates", "Updates that wait for their turn to begin.", nil, nil)
	storeLanes       = prometheus.NewDesc("bailiwick_store_update_lanes", "Updates that may run beside each other: fewer the more they meet (PostgreSQL); 1 on SQLite.", nil, nil)
	storeReruns      = prometheus.NewDesc("bailiwick_store_reruns_total", "Attempts at updates that met another one and were done again (PostgreSQL).", nil, nil)
)

// caches collects the figures of caches by name.
type caches map[string]func() (entries int, hits, misses uint64)

// Describe implements prometheus.Collector.
func (caches) Describe(to chan<- *prometheus.Desc) { to <- cacheEntries; to <- cacheRequests }

// Collect implements prometheus.Collector.
func (c caches) Collect(to chan<- prometheus.Metric) {
	for name, figures := range c {
		entries, hits, misses := figures()
		to <- prometheus.MustNewConstMetric(cacheEntries, prometheus.GaugeValue, float64(entries), name)
		to <- prometheus.MustNewConstMetric(cacheRequests, prometheus.CounterValue, float64(hits), name, "hit")
		to <- prometheus.MustNewConstMetric(cacheRequests, prometheus.CounterValue, float64(misses), name, "miss")
	}
}

// state collects the figures of the store, all of one moment.
type state func() Store

// Describe implements prometheus.Collector.
func (state) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{storeConnections, storeWaiting, storeLanes, storeReruns} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (s state) Collect(to chan<- prometheus.Metric) {
	f := s()
	to <- prometheus.MustNewConstMetric(storeConnections, prometheus.GaugeValue, float64(f.Busy), "busy")
	to <- prometheus.MustNewConstMetric(storeConnections, prometheus.GaugeValue, float64(max(f.Connections-f.Busy, 0)), "idle")
	to <- prometheus.MustNewConstMetric(storeWaiting, prometheus.GaugeValue, float64(f.Waiting))
	to <- prometheus.MustNewConstMetric(storeLanes, prometheus.GaugeValue, float64(f.Lanes))
	to <- prometheus.MustNewConstMetric(storeReruns, prometheus.CounterValue, float64(f.Reruns))
}
