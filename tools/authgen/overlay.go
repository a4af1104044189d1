package main

import (
	"fmt"
	"slices"
)

// addition is an action that AWS documents and that its service authorization reference does not
// list yet. It has what a listed action of its kind has.
type addition struct {
	prefix string
	// key is how the data name the action: its name in lower case.
	key, name string
	// like is the key of the listed action whose access level, resource types and condition keys
	// it has.
	like string
}

// additions lie over the data of the package. Each names where AWS documents the action; an entry
// that the data have caught up with is an error, so that it does not outlive its reason.
var additions = []addition{
	// IAM user guide, "Temporary delegation", "Managing permissions for delegation requests": a
	// delegation request is updated by whom iam:UpdateDelegationRequest allows it on the request.
	{prefix: "iam", key: "updatedelegationrequest", name: "UpdateDelegationRequest", like: "rejectdelegationrequest"},
}

// overlay puts the additions into the services that there are.
func overlay(src *source, additions []addition) error {
	for _, a := range additions {
		i := slices.IndexFunc(src.services, func(s service) bool { return s.prefix == a.prefix })
		if i < 0 {
			return fmt.Errorf("overlay: no service %s", a.prefix)
		}
		actions := src.services[i].actions
		if _, known := actions[a.key]; known {
			return fmt.Errorf("overlay: the data have %s:%s by now", a.prefix, a.name)
		}
		model, ok := actions[a.like]
		if !ok {
			return fmt.Errorf("overlay: no action %s:%s", a.prefix, a.like)
		}
		model.Name = a.name
		model.ResourceTypes = slices.Clone(model.ResourceTypes)
		actions[a.key] = model
	}
	return nil
}
