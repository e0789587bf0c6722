"""What does a host say of its drives, and does it arrive?"""
