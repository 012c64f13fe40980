module goclient

go 1.25.0
