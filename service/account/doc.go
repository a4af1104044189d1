// Package account is AWS Account Management: the contacts, the name and the Regions of an
// account, for the account itself and, with the parameter AccountId, for the accounts of an
// organization. It unpacks inputs, runs functions of the domain packages account and org in
// one transaction each, and gives their errors their names in the API.
package account
