package organizations

// APIError is apiError for the tests.
var APIError = apiError
