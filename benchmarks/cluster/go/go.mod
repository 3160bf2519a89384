module lean-go-webhook

go 1.22
