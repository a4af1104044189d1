package store

// Settings are small values of the installation itself, by name, such as the check value
// of the master key. Names are chosen by whoever owns the value, with a prefix:
// "credential/master-key-check".

// Setting returns the value of a name; false means that it was never set.
func (tx *Tx) Setting(name string) (string, bool, error) {
	var value string
	err := tx.queryRow(`select value from core_settings where name = $1`, name).Scan(&value)
	return found(value, err)
}

// PutSetting sets the value of a name.
func (tx *Tx) PutSetting(name, value string) error {
	_, err := tx.exec(`
		insert into core_settings (name, value, updated_at) values ($1, $2, $3)
		on conflict (name) do update set value = excluded.value, updated_at = excluded.updated_at`,
		name, value, tx.Now())
	return err
}

// found turns the answer of a look-up by key into value, presence, error.
func found[T any](value T, err error) (T, bool, error) {
	if err == nil {
		return value, true, nil
	}
	var zero T
	if isNotFound(err) {
		return zero, false, nil
	}
	return zero, false, err
}
