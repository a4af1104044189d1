package awsjson

import "github.com/bailiwick/bailiwick/smithy"

// AppendError appends the body of an error: its code as "__type", the members of shape,
// and a message. Modeled errors name their message "message" or "Message" as their model
// does; message is used if shape has none set. A nil shape is an error that the service
// does not model.
func AppendError(dst []byte, code, message string, shape smithy.ModeledError) []byte {
	dst = append(dst, `{"__type":`...)
	dst = appendString(dst, code)
	style, name := &bodyStyle{}, "message"
	w := NewWriter(style, dst)
	w.first = false
	if shape != nil {
		shape.Encode(w)
		name = messageName(shape.Schema())
	}
	dst = w.Bytes()
	if !style.messageSeen && message != "" {
		dst = append(dst, ',')
		dst = appendString(dst, name)
		dst = append(dst, ':')
		dst = appendString(dst, message)
	}
	return append(dst, '}')
}

// messageName is the wire name of an error's message.
func messageName(s *smithy.Schema) string {
	if s != nil {
		for i := range s.Members {
			if s.Members[i].WireName == "Message" {
				return "Message"
			}
		}
	}
	return "message"
}
