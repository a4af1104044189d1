package org

import (
	"testing"
	"time"
)

func TestLimitsByDate(t *testing.T) {
	before := time.Date(2026, time.May, 14, 23, 59, 59, 0, time.UTC)
	after := before.Add(time.Second)
	for _, c := range []struct {
		quota      Quota
		old, value int
	}{
		{QuotaSCPsAttached, 5, 10},
		{QuotaRCPsAttached, 5, 5},
		{QuotaRemovalDays, 7, 4},
		{QuotaAccounts, 10, 10},
		{"no such quota", 0, 0},
	} {
		if got := [2]int{Limit(c.quota, before), Limit(c.quota, after)}; got != [2]int{c.old, c.value} {
			t.Errorf("%s = %v, want %d, then %d", c.quota, got, c.old, c.value)
		}
	}
}

func TestQuotasAreInOrderOfDay(t *testing.T) {
	last := map[Quota]string{}
	for _, v := range quotas {
		if day, seen := last[v.quota]; seen && v.since <= day {
			t.Errorf("%s: the value of %q stands after that of %q", v.quota, v.since, day)
		}
		if v.source == "" || v.value < 0 {
			t.Errorf("%+v", v)
		}
		last[v.quota] = v.since
	}
}

func TestCloseRule(t *testing.T) {
	old, now := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		members, least int
		at             time.Time
		want           int
	}{
		{0, 10, old, 10},
		{250, 10, old, 25},
		{50_000, 10, old, 1000},
		{1249, 250, now, 250},
		{1500, 250, now, 300},
		{5001, 250, now, 1000},
		{5001, 1200, now, 1200},
	} {
		if got := closeRule(c.members, c.least, c.at); got != c.want {
			t.Errorf("%d members at %v, at least %d: %d, want %d", c.members, c.at, c.least, got, c.want)
		}
	}
}
