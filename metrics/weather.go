package metrics

import "github.com/prometheus/client_golang/prometheus"

// Weather returns what counts the calls that the weather has changed, by effect; the counter is on
// the page from then on. It is called once.
func (m *Metrics) Weather() func(effect, service, operation string) {
	changed := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "bailiwick_weather_effects_total", Help: "Calls that the weather (--weather) refused or changed the answer of, by effect. Service and operation are empty for keys that are not known yet.",
	}, []string{"effect", "service", "operation"})
	m.registry.MustRegister(changed)
	return func(effect, service, operation string) {
		changed.WithLabelValues(effect, service, operation).Inc()
	}
}
