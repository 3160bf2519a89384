"""The admission protocol: an AdmissionReview in, an AdmissionReview out; pure."""
