"""One evaluation of a Pod, which the webhook and the command line both render."""
