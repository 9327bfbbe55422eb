"""The auditor's desk: replay, as-of views, standing questions, proof, process view, samples."""
