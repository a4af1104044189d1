package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// tasks are the counters of the work in the background, by task. They are there only on nodes
// that have done any.
type tasks struct {
	last, seconds *prometheus.GaugeVec
	done, runs    *prometheus.CounterVec
}

func newTasks(registry *prometheus.Registry) tasks {
	t := tasks{
		last: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "bailiwick_housekeeping_last_success_timestamp_seconds", Help: "When a task of the background work last ended well on this node, in seconds since 1970.",
		}, []string{"task"}),
		seconds: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "bailiwick_housekeeping_last_run_seconds", Help: "How long the last run of a task took on this node.",
		}, []string{"task"}),
		done: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bailiwick_housekeeping_items_total", Help: "Things that a task has dealt with, such as rows deleted.",
		}, []string{"task"}),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bailiwick_housekeeping_runs_total", Help: "Runs of a task, by outcome (ok, failed).",
		}, []string{"task", "outcome"}),
	}
	registry.MustRegister(t.last, t.seconds, t.done, t.runs)
	return t
}

// Leading implements housekeeping.Observer: it notes whether this node does the work in the
// background.
func (m *Metrics) Leading(leads bool) {
	m.leading.Set(0)
	if leads {
		m.leading.Set(1)
	}
}

// TaskRan implements housekeeping.Observer: it notes one run of a task.
func (m *Metrics) TaskRan(task string, done int, took time.Duration, failed bool) {
	m.tasks.seconds.WithLabelValues(task).Set(took.Seconds())
	m.tasks.done.WithLabelValues(task).Add(float64(done))
	if failed {
		m.tasks.runs.WithLabelValues(task, "failed").Inc()
		return
	}
	m.tasks.runs.WithLabelValues(task, "ok").Inc()
	m.tasks.last.WithLabelValues(task).SetToCurrentTime()
}
