module gatewright.invalid/certificates

go 1.25
