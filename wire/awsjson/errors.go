package awsjson

import "github.com/bailiwick/bailiwick/smithy"

// AppendError appends the body of an error: its code as "__type", the members of shape,
// and a message. Modeled errors name their message "message" or "Message" as their model
// does; message is used if shape has none set. A nil shape is an error that the service
// does not model.
func AppendError(dst []byte, code, message string, shape smithy.ModeledError) []byte {
	dst = append(dst, `{"__type":`...)
	dst = AppendString(dst, code)
	e := newEncoder(dst)
	e.first = false
	name := "message"
	if shape != nil {
		shape.Encode(e)
		name = messageName(shape.Schema())
	}
	dst = e.buf
	if !e.messageSeen && message != "" {
		dst = append(dst, ',')
		dst = AppendString(dst, name)
		dst = append(dst, ':')
		dst = AppendString(dst, message)
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
