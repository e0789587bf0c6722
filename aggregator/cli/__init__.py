"""What can a person ask of the aggregator?"""
