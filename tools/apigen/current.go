package main

// applyCurrent lays the current layer over the base tree.
func applyCurrent(tree, dump *object) error {
	overlay(tree, dump)
	return nil
}
