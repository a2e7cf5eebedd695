package coordination

import (
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/kit/fault"
)

// certificates holds what asks for a certificate to the ones that nobody may ask of
// a village or community: it does not go, whoever approves it. What is asked for is
// found by the name given and by the title of the task, so that another name for it
// changes nothing. value reads what the task says, filled in or kept.
func certificates(value func(string) string, lists *duty.Catalogue, said *Answer) {
	if value("kind") != "certificate" {
		return
	}
	found, forbidden := lists.Certificate(value("certificate"))
	if !forbidden {
		found, forbidden = lists.Certificate(value("subject"))
	}
	if !forbidden {
		return
	}
	for i, one := range said.Each {
		if one.Level != duty.LevelCommunity {
			continue
		}
		why := one.says("coordination.forbidden_certificate", "certificate", found.Title, "instead", found.Instead, "norm", found.Norm)
		why.Norm, why.Field = found.Norm, "certificate"
		said.Each[i].answer = answer{refused, why}
		said.Verdict, said.Why, said.Lead = refused, why, nil
	}
}

// namesCertificate holds a task that asks for certificates to say which, and by what
// it may be asked for: one without a basis in law is not asked for at all.
func namesCertificate(m *casework.Moment) error {
	switch {
	case m.Values.Text("certificate") == "":
		return fault.New(fault.Invalid, "coordination.which_certificate").At("certificate")
	case m.Values.Text("basis") == "":
		return fault.New(fault.Invalid, "coordination.certificate_basis").At("basis")
	}
	return nil
}
