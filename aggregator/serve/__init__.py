"""What do Prometheus and people see?"""
